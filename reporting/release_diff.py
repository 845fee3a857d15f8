"""What moved between two kept releases, and why: figures, rows by table, the dossiers behind them and their deliveries.

Belongs here: comparing what was read of each, and laying it out. Does not: reading figures (figures.py) or finding dossiers
(compared.py).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from reporting.compared import Between, add_deliveries, side_by_side, told
from reporting.figures import MEASURES
from reporting.forms import Form, Language
from reporting.labels import label
from reporting.layout import as_csv, print_rows

_COUNTED = (*MEASURES, "on_time_rate")
#: So many dossiers are shown as a table; JSON has them all.
_SHOWN = 20


def figures_moved(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a figure and group that reads otherwise, from rows of figures.at_cut_offs() of either release."""
    then, now = _by_group(before), _by_group(after)
    moved = []
    for group in sorted(then.keys() | now.keys()):
        old, new = then.get(group, {}), now.get(group, {})
        for name in _COUNTED:
            nothing = None if name == "on_time_rate" else 0
            was, reads = old.get(name, nothing), new.get(name, nothing)
            if was != reads:
                difference = None if was is None or reads is None else round(reads - was, 6)
                moved.append({**dict(group), "figure": name, "before": was, "after": reads, "difference": difference})
    return moved


def _by_group(rows: Sequence[dict[str, Any]]) -> dict[tuple[tuple[str, str], ...], dict[str, Any]]:
    apart = {*_COUNTED, "jurisdiction", "release"}
    return {tuple((name, value) for name, value in row.items() if name not in apart): row for row in rows}


def rows_moved(connection: psycopg.Connection, before: int, after: int) -> list[dict[str, Any]]:
    """One row a table that holds other rows: how many were added, removed, and changed under the same key."""
    marts = connection.execute(
        'select name, key_columns, columns from release.mart order by name collate "C"'
    ).fetchall()
    found = []
    for name, key, columns in marts:
        row = connection.execute(
            _rows_apart(name, key, columns), {"older": min(before, after), "newer": max(before, after)}
        ).fetchone()
        assert row is not None
        only_older, only_newer, changed = row
        added, removed = (only_newer, only_older) if before < after else (only_older, only_newer)
        if added or removed:
            found.append({
                "table": name, "added": added - changed, "removed": removed - changed, "changed": changed,
            })  # fmt: skip
    return found


def _rows_apart(mart: str, key: Sequence[str], columns: Sequence[str]) -> sql.Composed:
    """Counts rows of the older release alone, of the newer alone, and keys in both. A row that went and came back is the same."""
    return sql.SQL(
        "with went as (select {columns} from {history}"
        " where release_from <= %(older)s and release_to > %(older)s and release_to <= %(newer)s),"
        " came as (select {columns} from {marts} where release_from > %(older)s and release_from <= %(newer)s"
        " union all select {columns} from {history}"
        " where release_from > %(older)s and release_from <= %(newer)s and release_to > %(newer)s),"
        " only_older as (select {columns} from went except select {columns} from came),"
        " only_newer as (select {columns} from came except select {columns} from went)"
        " select (select count(*) from only_older), (select count(*) from only_newer),"
        " (select count(*) from only_older inner join only_newer using ({key}))"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)), key=sql.SQL(", ").join(map(sql.Identifier, key)),
        marts=sql.Identifier("marts", mart), history=sql.Identifier("history", mart),
    )  # fmt: skip


def dossiers_moved(
    connection: psycopg.Connection, of_policies: Sequence[Between], counts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One entry a dossier that counts otherwise: `changes` by policy and figure, what it moved from, cause and delivery.

    A dossier that counts as it did, in another unit or procedure, has no changes in the totals and is told all the same.
    """
    entries: dict[str, dict[str, Any]] = {}
    for between in of_policies:
        for before, after in side_by_side(connection, between, counts):
            changes = {
                name: difference
                for name in counts
                if (difference := _counts_at(after, name) - _counts_at(before, name))
            }
            moved_from = _moved_from(before, after)
            if not changes and not (moved_from and before is not None and _counts_at(before, "received")):
                continue
            entry = told(before, after) | {"moved_from": moved_from, "changes": {}}
            entries.setdefault(entry["dossier_key"], entry)["changes"][between.policy] = changes
    found = [entries[key] for key in sorted(entries)]
    if of_policies:
        add_deliveries(connection, found, of_policies[0])
    return found


def _counts_at(row: dict[str, Any] | None, name: str) -> int:
    return 0 if row is None else int(row[f"{name} at"])


def _moved_from(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, str]:
    """The unit and procedure it was of, where they are others now."""
    if before is None or after is None:
        return {}
    return {
        name: str(before[f"{name}_key"]).split("/", 1)[-1]
        for name in ("unit", "procedure")
        if before[f"{name}_key"] != after[f"{name}_key"]
    }


def unexplained(
    moved: Sequence[dict[str, Any]], dossiers: Sequence[dict[str, Any]], measured: Collection[str]
) -> dict[str, dict[str, int]]:
    """By policy and figure that was measured, what the dossiers found fall short of the difference; empty when of none."""
    rest: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in moved:
        if row["figure"] != "on_time_rate":
            rest[row["policy"]][row["figure"]] += row["difference"]
    for entry in dossiers:
        for policy, changes in entry["changes"].items():
            for name in changes.keys() & measured:
                rest[policy][name] -= changes[name]
    left = {policy: {name: value for name, value in by.items() if value} for policy, by in rest.items()}
    return {policy: by for policy, by in left.items() if by}


def deliveries_between(connection: psycopg.Connection, before: int, after: int) -> list[dict[str, Any]]:
    """Deliveries that landed or were withdrawn between the making of the two releases, in the order of their numbers."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "with made as (select min(created_at) as older, max(created_at) as newer from release.release"
            " where release_id in (%s, %s))"
            " select d.delivery_id, d.source, d.stream, d.file_name, d.version::text as version, d.rows_landed,"
            " d.landed_at::text as landed_at,"
            " case when d.retracted_at > made.older and d.retracted_at <= made.newer then d.retracted_because end"
            " as retracted_because from audit.delivery as d cross join made"
            " where (d.landed_at > made.older and d.landed_at <= made.newer)"
            " or (d.retracted_at > made.older and d.retracted_at <= made.newer) order by d.delivery_id",
            (before, after),
        ).fetchall()


def print_diff(told_of: dict[str, Any], form: Form, language: Language) -> None:
    """Prints a comparison: `from`, `to`, `figures`, `tables`, `dossiers`, `deliveries`, `unexplained`. CSV: the figures."""
    if form is Form.json:
        print(json.dumps(told_of, ensure_ascii=False, indent=2))
        return
    if form is Form.csv:
        print(as_csv(told_of["figures"]), end="")
        return
    heading = f"{label('release', language)} {told_of['from']} → {told_of['to']}"
    shown = [{**row, "figure": label(row["figure"], language), **_in_percent(row)} for row in told_of["figures"]]
    dossiers = [_dossier_line(entry, language) for entry in told_of["dossiers"][:_SHOWN]]
    for title, rows in (
        ("figures_moved", shown), ("tables_moved", told_of["tables"]), ("corrections", dossiers),
        ("deliveries_between", told_of["deliveries"]),
    ):  # fmt: skip
        if rows:
            print_rows(rows, Form.table, language, title=f"{heading}: {label(title, language)}")
        else:
            print(f"{heading}: {label(title, language)}: {label('nothing', language)}")
    if len(told_of["dossiers"]) > _SHOWN:
        print(f"{label('corrections_more', language)}: {len(told_of['dossiers']) - _SHOWN} (--format json)")
    for policy, rest in told_of["unexplained"].items():
        listed = ", ".join(f"{label(name, language)} {value:+d}" for name, value in rest.items())
        print(f"{label('unexplained', language)}, {label('policy', language)} {policy}: {listed}")


def _in_percent(row: dict[str, Any]) -> dict[str, str | None]:
    """A rate's three cells in per cent, the difference in percentage points; nothing for a count."""
    if row["figure"] != "on_time_rate":
        return {}
    return {
        name: None if row[name] is None else f"{row[name] * 100:.2f} %" for name in ("before", "after", "difference")
    }


def _dossier_line(entry: dict[str, Any], language: Language) -> dict[str, Any]:
    moves = [
        f"{policy}: " + ", ".join(f"{label(name, language)} {value:+d}" for name, value in changes.items())
        for policy, changes in entry["changes"].items()
        if changes
    ]
    moves += [f"{label(name, language)} {was} →" for name, was in entry["moved_from"].items()]
    return {
        "dossier": entry["dossier"], "unit": entry["unit"], "changes": "; ".join(moves),
        "cause": label(f"cause_{entry['cause']}", language), "delivery_id": str(entry["delivery_id"] or "–"),
        "file_name": entry["file_name"], "version": entry["version"],
    }  # fmt: skip
