"""The province's units and procedures on any day: against the lists of 2023, the law since, and the decisions.

Belongs here: dimensions with validity in the whole province. Does not: figures (test_whole_province.py).
"""

from __future__ import annotations

from tests.integration.province.made_province import Province


def test_communes_and_districts_through_the_years(province: Province) -> None:
    """By the lists of 2023 and the law since; the article's 177 and 9 among them."""
    for day, communes, districts in (("2023-06-30", 177, 9), ("2025-01-31", 172, 9), ("2025-07-01", 92, 0)):
        assert province.ask(
            "select count(*) filter (where level = 'commune'), count(*) filter (where level = 'district')"
            " from marts.dim_unit where valid_from <= %s and (valid_to is null or valid_to > %s)",
            day, day,
        ) == [(communes, districts)], day  # fmt: skip
    told = province.ask(
        "select attribution, sum(received) from marts.rpt_unit_restated where policy = 'day' group by 1 order by 1"
    )
    assert [row[0] for row in told] == ["attributed", "split"]
    every = province.ask("select count(*) from marts.fct_dossier where state <> 'not_yet'")
    assert [(sum(row[1] for row in told),)] == every


def test_procedures_begin_and_end_as_the_decisions_say(province: Province) -> None:
    on_a_day = (
        "select count(distinct procedure_key) from marts.dim_procedure where valid_from <= %s"
        " and (valid_to is null or valid_to > %s)"
    )
    snapshots = province.ask(
        "select snapshot_on, count(*) from intermediate.int_catalogue__presence group by 1 order by 1"
    )
    assert len(snapshots) > 1
    for day, procedures in snapshots:
        [(ours,)] = province.ask(f"{on_a_day} and levels is not null", day, day)
        assert ours == procedures, day
