"""Deliveries made from Boston's real one: some rows changed, added or left out, and written as the city writes them.

Belongs here: making files. Does not: running anything on them, or saying what should come of it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

WRITTEN = "%m/%d/%Y %I:%M:%S %p"
Case = dict[str, str]


def cases_of(file: Path) -> list[Case]:
    """The records of a delivery, as text, in file order."""
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def write_cases(file: Path, cases: Iterable[Case], columns: Iterable[str] | None = None) -> Path:
    """Writes a delivery of these records; `columns` gives the header when it is not that of the first record."""
    rows = list(cases)
    names = list(columns) if columns is not None else list(rows[0])
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return file


def _closed_days_late(case: Case) -> bool:
    closed, due = (case[name] and datetime.strptime(case[name], WRITTEN).date() for name in ("CLOSED_DT", "TARGET_DT"))
    return bool(closed and due and closed > due)


def close_one_later(cases: list[Case], closed_in: str = "") -> Case:
    """Moves one closing to the last hour before the demo's as-of instant, so that the delivery is the newer one.

    The case closed late already, by the city's word and by ours: no verdict changes with it. It is the first that closed in
    a month (`closed_in`, as 04), if one is given. Gives the case as it was.
    """
    chosen = next(
        case
        for case in cases
        if case["OnTime_Status"] == "OVERDUE" and _closed_days_late(case) and case["CLOSED_DT"].startswith(closed_in)
    )
    before = dict(chosen)
    chosen["CLOSED_DT"] = datetime(2016, 1, 12, 23, 30).strftime(WRITTEN)
    return before
