"""Published forms beside figures counted by somebody else: what differs, row by row.

Belongs here: the comparison, for tests of more than one deployment. Does not: the runs behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., list[tuple[Any, ...]]]
#: Columns of the form, and what they are called in the made province's own account.
COLUMNS = {
    "carried_over": "opening", "received_online": "online", "received_online + received_direct_postal": "received",
    "resolved_total": "resolved", "early": "early", "on_time": "on_due_day", "late": "late", "pending_total": "pending",
    "pending_in_time": "pending_in_time", "pending_overdue": "pending_overdue", "closed_otherwise": "closed_otherwise",
}  # fmt: skip
BLOCKS = ("in_authority", "one_stop", "workflow")


def differences_from_the_provinces_account(ask: Ask, truth: dict[str, Any]) -> dict[Any, Any]:
    """Lines by level and field, groups, totals of every month, and form II.07b, where they are not what was made."""
    lines = _rows(ask, "2023H1", "fields", "line", "level || '/' || label")
    lines |= _rows(ask, "2023H1", "levels", "group", "level")
    wanted = {f"{row['level']}/{row['field']}": row for row in truth["half_year_by_level_and_field"]}
    wanted |= truth["half_year_by_level"]
    for number, month in enumerate([*truth["half_year_by_month"], truth["half_year"]], 1):
        period = f"2023M{number:02}" if "month" in month else "2023H1"
        for variant in ("fields", "levels"):
            lines |= _rows(ask, period, variant, "total", f"'{period}/{variant}'")
            wanted[f"{period}/{variant}"] = month
    different: dict[Any, Any] = dict.fromkeys(set(lines) ^ set(wanted), "on one side only")
    for name in set(lines) & set(wanted):
        theirs = {column: wanted[name][told] for column, told in COLUMNS.items()}
        if lines[name] != theirs:
            different[name] = (lines[name], theirs)
    return different | _procedures(ask, truth["catalogue"])


def _rows(ask: Ask, period: str, variant: str, kind: str, name: str) -> dict[str, dict[str, int]]:
    found = ask(
        f"select {name}, {', '.join(COLUMNS)} from marts.rpt_form_ii06a"
        " where period = %s and variant = %s and row_kind = %s and policy = 'day'",
        period, variant, kind,
    )  # fmt: skip
    return {row[0]: dict(zip(COLUMNS, row[1:], strict=True)) for row in found}


def _procedures(ask: Ask, catalogue: dict[str, Any]) -> dict[Any, Any]:
    """Every procedure in force is given to the units of its levels, so that all three blocks are the catalogue's."""
    different: dict[Any, Any] = {}
    once, each = catalogue["in_force_by_highest_level"], catalogue["in_force_by_any_level"]
    for block in BLOCKS:
        columns = [f"{block}_{name}" for name in ("total", *once)] + [f"{block}_at_{name}" for name in each]
        [ours] = ask(f"select {', '.join(columns)} from marts.rpt_form_ii07b where period = '2023H1'")
        if ours != (catalogue["in_force_at_end"], *once.values(), *each.values()):
            different[block] = ours
    return different
