"""`explain`: from the address of a published figure to everything there is to say of it.

Belongs here: putting the answer together, and holding its parts against each other. Does not: any one part, or kept bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg

from reporting.explaining import dossiers, landed, origin, others
from reporting.explaining.asking import Asked, cell_rows
from reporting.explaining.model import Explanation, Part, Release, Thing
from reporting.explaining.resolving import resolve
from reporting.figure_ids import Address

#: Decimals of a quotient, and what it is multiplied by.
_QUOTIENTS = {"percent": (Decimal("0.01"), 100), "share": (Decimal("0.000001"), 1)}


def explain(connection: psycopg.Connection, address: Address, limit: int = 20, *, steps: bool = False) -> Explanation:
    """The figure of an address in the release that the connection reads (orchestration/cli/opened: `reading`).

    As the inspector. All things behind it are counted, the first `limit` told with their rows (with those of processing steps
    if `steps`). What does not match is in `problems`; nothing is raised for it. Raises UsageError for an address that names
    nothing published.
    """
    return counted(connection, resolve(connection, address), limit, steps=steps)


def counted(connection: psycopg.Connection, asked: Asked, limit: int = 20, *, steps: bool = False) -> Explanation:
    """The same of a figure that was found: whoever asks may be told the published value before anything is counted."""
    release, run_id = origin.release_read(connection, asked.body.release_id)
    if asked.things == "dossiers":
        parts, things, total, problems = _dossiers(connection, asked, limit)
        things = landed.of_dossiers(connection, things, release.release_id, steps=steps)
    else:
        parts, things, total, problems = _others(connection, asked, limit, release)
    statements, meanings = origin.made_by(connection, run_id, asked.table)
    return Explanation(
        address=asked.address, body=asked.body, shape=asked.shape, value=asked.value, label=asked.label,
        definition=asked.definition, section=asked.section,
        columns=_meant(asked, meanings), period=asked.period, begin=asked.begin, end=asked.end,
        policy=_policy(connection, asked), kind=_kind(asked), parts=parts, things=things, total=total,
        statements=statements, release=release, run=landed.runs(connection, [run_id])[run_id],
        checks=origin.checks_of(connection, run_id), problems=(*problems, *_contradictions(asked, parts)),
    )  # fmt: skip


_Found = tuple[tuple[Part, ...], tuple[Thing, ...], int, tuple[str, ...]]


def _dossiers(connection: psycopg.Connection, asked: Asked, limit: int) -> _Found:
    found = dossiers.counted(connection, asked, limit)
    problems: tuple[str, ...] = ()
    if asked.shape == "rank":
        of_level = {"jurisdiction": asked.body.jurisdiction, "level": asked.level}
        peers = [row["unit_key"] for row in cell_rows(connection, "rpt_unit_ranking", of_level)]
        place = dossiers.ranked(connection, asked, peers)
        if place != asked.value:
            problems = (f"{asked.address.column} is published as {asked.value}, and the dossiers give {place}",)
    parts = tuple(
        Part(count.name, asked.table, count.columns, count.terms, count.published, number)
        for count, number in zip(asked.counts, found.found, strict=True)
    )
    return parts, found.things, found.total, problems


def _others(connection: psycopg.Connection, asked: Asked, limit: int, release: Release) -> _Found:
    assert asked.period is not None
    of_days = {
        "jurisdiction": asked.body.jurisdiction, "from": asked.period["period_from"], "to": asked.period["period_to"],
    }  # fmt: skip
    parts: list[Part] = []
    total, rows, also = 0, list[dict[str, Any]](), list[dict[str, Any]]()
    for count in reversed(asked.counts):  # of a quotient what it is divided by is what is listed
        kind = asked.things if count.name == "value" else count.terms[0]
        if not kind or not others.can_be_counted(connection, kind, release.release_id):
            parts.append(Part(count.name, asked.table, count.columns, count.terms, count.published, None))
            continue
        number, found = others.found(connection, kind, of_days, limit)
        parts.append(Part(count.name, asked.table, count.columns, count.terms, count.published, number))
        if not rows:
            total, rows, also = number, found, others.also_at(connection, kind, [row["key"] for row in found])
    hidden = {"key", "code", "file_sha256", "row_number", "row_sha256", "source", "stream", "delivered"}
    things = [
        Thing(row["key"], row["code"], {"value": 1}, {name: value for name, value in row.items() if name not in hidden})
        for row in rows
    ]
    return tuple(reversed(parts)), landed.of_others(connection, things, [*rows, *also], release.created_at), total, ()


def _contradictions(asked: Asked, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Where what was counted is not what is published."""
    told = [
        f"{part.table}.{' + '.join(part.columns)} is published as {part.published:,}, and {part.found:,} were counted"
        for part in parts
        if part.published is not None and part.found is not None and part.found != part.published
    ]
    if asked.shape in _QUOTIENTS and len(parts) == 2:
        above, below = (Decimal(part.found or 0) for part in parts)
        step, times = _QUOTIENTS[asked.shape]
        quotient = (above * times / below).quantize(step, ROUND_HALF_UP) if below else None
        if quotient != asked.value:
            told.append(f"{asked.address.what} is published as {asked.value}, and what was counted gives {quotient}")
    return tuple(told)


def _kind(asked: Asked) -> str:
    if asked.things == "dossiers":
        return "dossiers"
    return others.KINDS[asked.things].things if asked.things else "procedures"


def _policy(connection: psycopg.Connection, asked: Asked) -> dict[str, Any] | None:
    if asked.policy is None:
        return None
    rows = cell_rows(connection, "dim_policy", {"jurisdiction": asked.body.jurisdiction, "policy": asked.policy})
    return {name: value for row in rows for name, value in row.items() if name != "release_from"}


def _meant(asked: Asked, meanings: Mapping[str, str]) -> dict[str, str]:
    names = dict.fromkeys([*(column for count in asked.counts for column in count.columns), asked.address.column])
    return {name: meanings[name] for name in names if name in meanings}
