"""Due dates recomputed from the rules against those the province was made to promise.

Belongs here: that comparison over the whole province. Does not: the rules case by case (tests/integration/working_time).
"""

from __future__ import annotations

from tests.integration.province.made_province import Province


def test_due_dates_by_the_rules_are_those_first_promised(province: Province) -> None:
    """The generator promises by its own arithmetic on working time; what is in the ledger has another date on purpose."""
    found = province.ask(
        "select split_part(due.dossier_key, '/', 2), due.first_due_at, promised.first_due_at"
        " from intermediate.int_dossier__due as due inner join intermediate.int_dossier__promised as promised"
        " on promised.jurisdiction || '/' || promised.dossier_code = due.dossier_key"
    )
    planted = set(province.ledger()["dossier_code"])
    assert len(found) > 3_000
    assert [row for row in found if row[1] != row[2] and row[0] not in planted] == []
