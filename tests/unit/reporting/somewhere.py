"""A body and a period that no deployment has, for tests of what is written about them.

Belongs here: these. Does not: tests.
"""

from __future__ import annotations

from datetime import date

from reporting.published import Body

BODY = Body("j", "Somewhere", "Tỉnh Nào Đó", "Asia/Ho_Chi_Minh", "day", ("day",), (), 7)
PERIOD = {
    "period": "H1", "name": "first half", "name_vi": "6 tháng đầu năm 2023",
    "period_from": date(2023, 1, 1), "period_to": date(2023, 7, 1),
}  # fmt: skip
