"""Published figures against truth computed apart from any pipeline, number by number: every cut-off, every split.

Belongs here: comparison with the two truth.json files through the same functions the command line prints. Does not:
how the figures come about.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from orchestration.cli.opened import reading
from reporting import catalogue, figures, published
from tests.conftest import Deployed

Truth = Callable[[str], dict[str, Any]]
SAME = (
    "received", "resolved", "early", "on_due_day", "on_time", "late", "resolved_no_due",
    "pending", "pending_in_time", "pending_overdue", "pending_no_due", "on_time_rate",
)  # fmt: skip
BY_DAY = {
    "day_on_time": "on_time", "day_late": "late", "day_pending_in_time": "pending_in_time",
    "day_pending_overdue": "pending_overdue", "day_on_time_rate": "on_time_rate",
}  # fmt: skip
SPLITS = {
    "by_department": ("unit",), "by_subject": ("competent_unit",), "by_channel": ("channel",),
    "by_procedure": ("procedure",), "by_department_x_channel": ("unit", "channel"),
    "by_received_month": ("received_month",), "by_resolved_month": ("resolved_month",),
}  # fmt: skip


def _asked(boston: Deployed, policy: str, by: tuple[str, ...], cut_off: str) -> list[dict[str, Any]]:
    with reading(boston.database) as connection:
        body = published.published_body(connection, "boston")
        return figures.at_cut_offs(connection, body, policy, published.chosen_cut_offs(body, [cut_off]), by)


def _compare(ours: dict[str, Any], by_day: dict[str, Any], theirs: dict[str, Any]) -> int:
    compared = 0
    for name, value in theirs.items():
        mine = by_day[BY_DAY[name]] if name in BY_DAY else ours[name]
        assert mine == value, name
        compared += 1
    return compared


def test_the_cut_offs_are_those_of_the_truth(boston: Deployed, truth: Truth) -> None:
    """And the day before the last one, from which ranks have changed since."""
    with reading(boston.database) as connection:
        body = published.published_body(connection, "boston")
    shown = [published.shown(cut_off, body.zone) for cut_off in body.cut_offs]
    *earlier, last = list(truth("boston311_2015q1")["cutoffs"])
    assert shown == [*earlier, "2016-01-12T00:00:00-05:00", last]


def test_overall_figures_at_every_cut_off(boston: Deployed, truth: Truth) -> None:
    compared = 0
    for cut_off, theirs in truth("boston311_2015q1")["cutoffs"].items():
        [ours] = _asked(boston, "instant", (), cut_off)
        [by_day] = _asked(boston, "day", (), cut_off)
        compared += _compare(ours, by_day, theirs["overall"])
    assert compared == 5 * (len(SAME) + len(BY_DAY))


@pytest.mark.parametrize("name", SPLITS)
def test_every_split_at_every_cut_off(boston: Deployed, truth: Truth, name: str) -> None:
    by = SPLITS[name]
    for cut_off, theirs in truth("boston311_2015q1")["cutoffs"].items():
        ours = {" | ".join(row[part] for part in by): row for row in _asked(boston, "instant", by, cut_off)}
        by_day = {" | ".join(row[part] for part in by): row for row in _asked(boston, "day", by, cut_off)}
        assert set(ours) == set(by_day) == set(theirs[name])
        compared = sum(_compare(ours[group], by_day[group], theirs[name][group]) for group in ours)
        assert compared > 0


def test_elapsed_time_at_every_cut_off(boston: Deployed, truth: Truth) -> None:
    for cut_off, theirs in truth("boston311_2015q1")["cutoffs"].items():
        [(total, resolved)] = boston.ask(
            "select sum(elapsed_seconds), sum(resolved) from marts.fct_timeliness"
            " where jurisdiction = 'boston' and policy = 'instant' and cut_off = %s",
            cut_off,
            role="motcua_bi",
        )
        [(median, longest)] = boston.ask(
            "select percentile_cont(0.5) within group (order by s), max(s) from ("
            " select extract(epoch from resolved_at - received_at) as s from marts.fct_dossier"
            " where resolved_at < %s) as elapsed",
            cut_off,
            role="motcua_bi",
        )
        elapsed = theirs["elapsed"]
        assert resolved == elapsed["n"]
        assert float(total) / int(resolved) / 3600 == pytest.approx(elapsed["mean_hours"], abs=5e-5)
        assert float(median) / 3600 == pytest.approx(elapsed["median_hours"], abs=5e-5)
        assert float(longest) / 3600 == pytest.approx(elapsed["max_hours"], abs=5e-5)


def test_the_citys_own_verdict_beside_ours(boston: Deployed, truth: Truth) -> None:
    own = truth("boston311_2015q1")["own_verdict"]
    for policy, rule in (("instant", "instant_rule"), ("day", "calendar_day_rule")):
        [(compared, agree)] = boston.ask(
            "select count(*), count(*) filter (where (d.source_verdict = 'late') = (v.verdict in ('late', 'pending_overdue')))"
            " from marts.fct_dossier as d inner join marts.fct_dossier_verdict as v on v.dossier_key = d.dossier_key"
            " where v.policy = %s and d.source_verdict is not null and d.due_at is not null",
            policy,
            role="motcua_bi",
        )
        assert (compared, agree) == (own[rule]["compared"], own[rule]["agree"])


def test_catalogue_changes_between_all_snapshots(boston: Deployed, truth: Truth) -> None:
    for span, theirs in truth("cartas_2015_2016")["transitions"].items():
        first, last = (date.fromisoformat(day) for day in span.split(".."))
        with reading(boston.database) as connection:
            counted = catalogue.summary(connection, "brazil", first, last)
            listed = catalogue.changes(connection, "brazil", first, last)
        assert counted["in_force_before"] == theirs["from"]
        assert counted["in_force_after"] == theirs["to"]
        assert counted["amended"] == theirs["amended_raw"]
        for name in ("new", "abolished", "replaced", "new_pure", "abolished_pure"):
            assert counted[name] == theirs[name], name
        successors = [row for row in listed if row["action"] == "new" and row["replaces"]]
        assert len(successors) == theirs["replacement_targets"]
        by_action = {
            action: sorted(row["procedure"] for row in listed if row["action"] in action.split("|"))
            for action in ("new", "abolished|replaced", "amended")
        }
        assert by_action["new"] == sorted(theirs["lists"]["new"])
        assert by_action["abolished|replaced"] == sorted(theirs["lists"]["abolished"])
        # The snapshots name each charter's bytes, not what is visible in it: of the 71 charters with other bytes one
        # shows the same. So every charter with other contents must be among ours.
        content = set(theirs["lists"]["amended_content"]) & set(by_action["amended"])
        assert len(content) == theirs["amended_content"]
        # Bytes that differ in these releases always differ as XML too.
        assert counted["amended"] == theirs["amended_xml"]
        common = counted["in_force_before"] - counted["abolished"]
        assert common == theirs["common"]
        assert common - len(content) == theirs["unchanged_content"]
        replaced = {row["procedure"]: row["replaced_by"] for row in listed if row["action"] == "replaced"}
        assert replaced == theirs["lists"]["replaced"]


def test_changes_by_organ_and_the_portals_own_words(boston: Deployed, truth: Truth) -> None:
    for span, theirs in truth("cartas_2015_2016")["transitions"].items():
        last = span.split("..")[1]
        for name, actions in (("new_by_organ", ["new"]), ("abolished_by_organ", ["abolished", "replaced"])):
            rows = boston.ask(
                "select substr(competent_unit_key, 8), count(*) from marts.fct_catalogue_change"
                " where snapshot_after = %s and action = any(%s) group by 1",
                last,
                actions,
                role="motcua_bi",
            )
            assert dict(rows) == theirs[name]
        assert len(theirs["lists"]["new"]) == theirs["new"]


def test_snapshots_hold_what_the_truth_says(boston: Deployed, truth: Truth) -> None:
    for day, theirs in truth("cartas_2015_2016")["snapshots"].items():
        [(procedures,)] = boston.ask(
            "select count(*) from marts.fct_catalogue_in_force where valid_from <= %s and (valid_to is null or valid_to > %s)",
            day,
            day,
            role="motcua_bi",
        )
        assert procedures == theirs["services"]
        [(organs,)] = boston.ask(
            "select count(distinct p.competent_unit_code) from intermediate.int_catalogue__presence as p"
            " where p.snapshot_on = %s",
            day,
        )
        assert organs == theirs["organs"]


def test_the_portals_own_words_beside_the_snapshots(boston: Deployed, truth: Truth) -> None:
    """Its commits between two snapshots' commits, and how far they name what the snapshots show."""
    facts = truth("cartas_2015_2016")
    for span, theirs in facts["transitions"].items():
        window = [facts["snapshots"][day]["commit_time"] for day in span.split("..")]
        named: dict[str, list[tuple[str, str | None]]] = {}
        for action, old, new in boston.ask(
            "select portal_action, service_id, new_service_id from raw.cartas__change_event"
            " where at > %s and at <= %s and portal_action is not null",
            *window,
        ):
            named.setdefault(action, []).append((old, new))
        ids = {action: {old for old, _ in pairs} for action, pairs in named.items()}
        assert {action: len(pairs) for action, pairs in named.items()} == theirs["portal_commits"]
        assert {action: len(found) for action, found in ids.items()} == theirs["portal_distinct_ids"]
        rows = boston.ask(
            "select substr(procedure_key, 8), action, substr(competent_unit_key, 8) from marts.fct_catalogue_change"
            " where snapshot_after = %s",
            span.split("..")[1],
            role="motcua_bi",
        )
        gone = {code for code, action, _ in rows if action == "abolished"}
        come = {code for code, action, _ in rows if action == "new"}
        assert (
            len(gone & (ids.get("Despublica", set()) | ids.get("Remove", set())))
            == (theirs["abolished_pure_named_by_Despublica_or_Remove"])
        )
        assert len(come & ids["Cria"]) == theirs["new_named_by_Cria"]
        content = set(theirs["lists"]["amended_content"])
        by_organ: dict[str, int] = {}
        for code, action, organ in rows:
            if action == "amended" and code in content:
                by_organ[organ] = by_organ.get(organ, 0) + 1
        assert by_organ == theirs["amended_content_by_organ"]
        assert len(content & ids["Altera"]) == theirs["content_amended_named_by_portal"]


def test_the_database_keys_give_no_second_opinion(boston: Deployed, truth: Truth) -> None:
    """Renamings told by the portal's own database key: no snapshot carries one, so there are none, as the truth says."""
    for span, theirs in truth("cartas_2015_2016")["transitions"].items():
        days = span.split("..")
        pairs = boston.ask(
            "with keyed as (select d.version::date as snapshot_on, p.service_id, p.db_id,"
            " count(*) over (partition by d.delivery_id, p.db_id) as bearers"
            " from raw.cartas__service as p join audit.delivery as d on d.delivery_id = p._delivery_id where p.db_id is not null)"
            " select o.service_id, n.service_id from keyed as o join keyed as n using (db_id)"
            " where (o.bearers, n.bearers) = (1, 1) and o.service_id <> n.service_id"
            " and (o.snapshot_on, n.snapshot_on) = (%s, %s)",
            *days,
        )
        assert len(pairs) == theirs["second_opinion_dbid"]["pairs"]
