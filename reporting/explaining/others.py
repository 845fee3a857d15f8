"""What figures count that are not of dossiers: procedures in force, lines of decisions, visits, units.

Belongs here: those things, found in the published facts by the definitions of docs/metrics.md. Does not: dossiers
(dossiers.py), or where rows stand in files (landed.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from reporting.official import BLOCKS_II07B

#: Each gives key, code, what is told of it, and the file, row and hash it stands at where the facts carry them; with source and
#: stream, or else how such a file is delivered.
_IN_FORCE = (
    "select f.procedure_key as key, p.procedure_code as code, p.procedure_name as name, p.level, p.levels, p.interlinked,"
    " p.has_workflow, f.valid_from, f.valid_to, f.file_sha256, f.row_number, f.row_sha256, 'snapshot' as delivered"
    " from fct_catalogue_in_force as f"
    " inner join dim_procedure as p on p.procedure_key = f.procedure_key and p.is_current"
    " where f.jurisdiction = %(jurisdiction)s and f.valid_from < %(to)s and (f.valid_to is null or f.valid_to >= %(to)s)"
)
_DECISION_LINE = (
    "select decision_line_key as key, decision_code || ' · ' || action || ' · ' || procedure_name as code, decision_code,"
    " signed_on, action, procedure_name, file_sha256, row_number, row_sha256, 'decisions' as source,"
    " case action when 'new' then 'new_procedure' when 'abolished' then 'abolished_procedure' else 'amended_procedure' end"
    " as stream from fct_decision_line where jurisdiction = %(jurisdiction)s and signed_on >= %(from)s and signed_on < %(to)s"
)
_DECISION = (
    "select distinct on (decision_code) decision_code as key, decision_code as code, signed_on, file_sha256, row_number,"
    " row_sha256, 'decisions' as source, case action when 'new' then 'new_procedure' when 'abolished' then"
    " 'abolished_procedure' else 'amended_procedure' end as stream from fct_decision_line"
    " where jurisdiction = %(jurisdiction)s and signed_on >= %(from)s and signed_on < %(to)s"
    " order by decision_code, file_sha256, row_number"
)
_VISIT = (
    "select visit_key as key, visited_on || ' · ' || ticket_number as code, counter, drawn_at, served_at, file_sha256,"
    " row_number, row_sha256, 'centre' as source, 'ticket' as stream from fct_centre_visit"
    " where jurisdiction = %(jurisdiction)s and visited_on >= %(from)s and visited_on < %(to)s"
)
_UNIT = (
    "select unit_version_key as key, unit_code as code, unit_name as name, level, statistics_code, valid_from, valid_to,"
    " file_sha256, row_number, row_sha256, 'full' as delivered"
    " from dim_unit where jurisdiction = %(jurisdiction)s and statistics_code is not null"
    " and valid_from < %(to)s and (valid_to is null or valid_to >= %(to)s)"
)
#: The rows by which procedures are under the one-stop mechanism: each by the one of its first unit in the list.
_GIVEN = (
    "select distinct on (procedure_key) procedure_key as key, procedure_code as code, file_sha256, row_number, row_sha256,"
    " 'provincial' as source, 'procedure_unit' as stream from bridge_procedure_unit"
    " where procedure_key = any(%(keys)s) and {which} order by procedure_key, row_number"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: its query, and which of the rows count, as a condition on them.

    `also` finds further rows of files that say so, by key; `table` is what all of that is read from, where releases of former
    versions have none.
    """

    things: str
    query: str
    counted: str = "true"
    also: str = ""
    table: str = ""


#: A level, and how a procedure's list of levels spells it.
_LEVELS = {"province": "Tỉnh", "district": "Huyện", "commune": "Xã"}


def _ii07b() -> dict[str, Kind]:
    """The cells of II.07b."""
    kinds = {}
    for block in BLOCKS_II07B:
        kinds[f"ii07b.{block}_total"] = _of_block(block, "true")
        kinds[f"ii07b.{block}_no_level"] = _of_block(block, "level is null")
        for level, printed in _LEVELS.items():
            kinds[f"ii07b.{block}_{level}"] = _of_block(block, f"level = '{level}'")
            kinds[f"ii07b.{block}_at_{level}"] = _of_block(block, f"levels like '%%{printed}%%'", f"level = '{level}'")
    return kinds


def _of_block(block: str, which: str, given: str = "true") -> Kind:
    """`which` of the procedures in force; under the one-stop mechanism those that are given to units of which `given` holds."""
    if block == "in_authority":
        return Kind("procedures", _IN_FORCE, which)
    if block == "workflow":
        return Kind("procedures", _IN_FORCE, f"has_workflow and {which}")
    # Not to be joined: planned for one procedure where there are 1,464, that read the table once for each (7 s).
    there = f"(key in (select procedure_key from bridge_procedure_unit where {given})) is true"
    return Kind("procedures", _IN_FORCE, f"{there} and {which}", _GIVEN.format(which=given), "bridge_procedure_unit")


KINDS: Mapping[str, Kind] = {
    **_ii07b(),
    "in_force_at_end": Kind("procedures", _IN_FORCE),
    **{f"in_force_at_end_{level}": Kind("procedures", _IN_FORCE, f"level = '{level}'") for level in _LEVELS},
    "interlinked_same_level": Kind("procedures", _IN_FORCE, "interlinked = 'same_level'"),
    "interlinked_across_levels": Kind("procedures", _IN_FORCE, "interlinked = 'across_levels'"),
    "with_workflow": Kind("procedures", _IN_FORCE, "has_workflow"),
    "with_workflow_rate": Kind("procedures", _IN_FORCE),
    "decisions_signed": Kind("decisions", _DECISION),
    "procedures_in_decisions": Kind("decision_lines", _DECISION_LINE, "action in ('new', 'abolished')"),
    "procedures_new": Kind("decision_lines", _DECISION_LINE, "action = 'new'"),
    "procedures_abolished": Kind("decision_lines", _DECISION_LINE, "action = 'abolished'"),
    "visits_in_period": Kind("visits", _VISIT),
    "districts_and_cities": Kind("units", _UNIT, "level = 'district'"),
    "communes": Kind("units", _UNIT, "level = 'commune'"),
}  # fmt: skip


def found(
    connection: psycopg.Connection, name: str, asked: Mapping[str, Any], limit: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many there are, and the first of them in the order of their codes. `asked` has jurisdiction, from, to (days)."""
    kind = KINDS[name]
    query = (
        f"with thing as ({kind.query}), hit as materialized (select * from thing where {kind.counted})"
        " select t.n, h.* from (select count(*) as n from hit) as t left join"
        ' (select * from hit order by code collate "C", key collate "C" limit %(limit)s) as h on true'
        ' order by h.code collate "C", h.key collate "C"'
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.encode(), {**asked, "limit": limit}).fetchall()
    return rows[0]["n"], [{name: value for name, value in row.items() if name != "n"} for row in rows if row["key"]]


def also_at(connection: psycopg.Connection, name: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The further rows of files by which things of these keys are counted, where the kind has such."""
    if not KINDS[name].also:
        return []
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(KINDS[name].also.encode(), {"keys": list(keys)}).fetchall()


def can_be_counted(connection: psycopg.Connection, name: str, release_id: int) -> bool:
    """Whether that release has the table which the count is made of: it may be older than the table."""
    table = KINDS[name].table
    if not table:
        return True
    query = "select content ? %s from release.release where release_id = %s"
    return bool(connection.execute(query.encode(), (table, release_id)).fetchone() == (True,))
