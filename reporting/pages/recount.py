"""The cells of form II.06a counted once more from published dossiers, each with the delivered files its dossiers stand in.

Belongs here: that one pass over the dossiers, for every row and column at once. Does not: what a count means
(reporting/explaining/conditions), or the published form. One explained cell with every dossier is `motcua explain`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts.failures import MotcuaError
from reporting.explaining.conditions import TERMS, expression, terms_of_ii06a
from reporting.official import COLUMNS_II06A

#: What the columns of the form add up, each term once.
_TERMS = tuple(dict.fromkeys(term for column in COLUMNS_II06A for term in terms_of_ii06a(column)))

#: Source and SHA-256 of a delivered file.
File = tuple[str, str]


class FormDoesNotAddUp(MotcuaError):
    """A published cell is not what the published dossiers come to."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Counted:
    """Of one row of the form: for each column and file, how many of the counted dossiers stand in it."""

    by_file: Mapping[str, Counter[File]] = field(default_factory=lambda: defaultdict(Counter))

    def value(self, column: str) -> int:
        """What the column comes to."""
        return sum(self.by_file[column].values())

    def files(self, column: str) -> list[tuple[File, int]]:
        """Files that add to or take from it, the most first; a total order."""
        there = [(file, number) for file, number in self.by_file[column].items() if number]
        return sorted(there, key=lambda entry: (-entry[1], entry[0]))


#: Rows by (kind, level, unit key, field), of the two variants.
Recount = Mapping[str, Mapping[tuple[str, str | None, str | None, str | None], Counted]]


def recount(connection: psycopg.Connection, jurisdiction: str, policy: str, period: Mapping[str, Any]) -> Recount:
    """Every row of both variants of the form of a period, which has from_at and to_at."""
    asked = {
        "jurisdiction": jurisdiction, "policy": policy, "begin": period["from_at"], "end": period["to_at"],
    }  # fmt: skip
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_statement(), asked).fetchall()
    made: dict[str, dict[Any, Counted]] = {"fields": defaultdict(Counted), "levels": defaultdict(Counted)}
    for row in rows:
        file = (row["source"], row["file_sha256"])
        added = _columns_of(row)
        for variant, kept in made.items():
            for key in _rows_of(variant, row):
                by_file = kept[key].by_file
                for column, value in added:
                    by_file[column][file] += value
    return made


def _rows_of(variant: str, row: Mapping[str, Any]) -> Iterable[tuple[str, str | None, str | None, str | None]]:
    """The line, the group and the total that a count belongs to."""
    unit, name = (row["unit_key"], None) if variant == "levels" else (None, row["field_name"])
    return ("line", row["level"], unit, name), ("group", row["level"], None, None), ("total", None, None, None)


def _columns_of(row: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What a count adds to each column of the form; no column to which it adds nothing."""
    values = ((column, sum(row[term] for term in terms_of_ii06a(column))) for column in COLUMNS_II06A)
    return [(column, value) for column, value in values if value]


def _statement() -> bytes:
    """One row a unit, field and file."""
    counted = ", ".join(f"sum({expression(TERMS[term], 'begin', 'end')})::bigint as {term}" for term in _TERMS)
    return (
        f"select d.unit_key, u.level, pr.field_name, d.source, d.file_sha256, {counted} from fct_dossier as d"
        " inner join fct_dossier_verdict as v on v.dossier_key = d.dossier_key and v.policy = %(policy)s"
        " inner join dim_policy as p on p.jurisdiction = d.jurisdiction and p.policy = v.policy"
        " inner join dim_jurisdiction as j on j.jurisdiction = d.jurisdiction"
        " left join dim_channel as ch on ch.channel_key = d.channel_key"
        " left join dim_procedure as pr on pr.procedure_key = d.procedure_key and pr.is_current"
        " left join dim_unit as u on u.unit_key = d.unit_key and u.is_current"
        " where d.jurisdiction = %(jurisdiction)s and d.received_at < %(end)s"
        " group by d.unit_key, u.level, pr.field_name, d.source, d.file_sha256"
    ).encode()


def prove(rows: Iterable[Mapping[str, Any]], variant: str, counted: Recount) -> None:
    """Raises FormDoesNotAddUp when a published row of the form differs from the count."""
    for row in rows:
        key = (row["row_kind"], row["level"], row["unit_key"], row["label"] if variant == "fields" else None)
        found = counted[variant].get(key, Counted())
        for column in COLUMNS_II06A:
            if found.value(column) != row[column]:
                raise FormDoesNotAddUp(
                    f"II.06a ({variant}), row {row['row_place']}, {column} is published as {row[column]:,}, and the"
                    f" published dossiers come to {found.value(column):,}",
                    hint="The release contradicts itself: roll back (motcua release rollback) and report this.",
                )
