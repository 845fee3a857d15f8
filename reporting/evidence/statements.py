"""What is signed: the manifest of a release, and the list of the files in a pack, as in-toto statements.

Belongs here: writing and reading both. Does not: signatures (envelopes.py), or finding out what a manifest says
(warehouse/manifests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

STATEMENT = "https://in-toto.io/Statement/v1"
MANIFEST = "urn:motcua:evidence:release:1"
PACK = "urn:motcua:evidence:pack:1"
#: A table's hash is not one of a file's bytes, so it does not bear the name of one (docs/runbooks/evidence.md). The second is
#: that of releases which were published before hashes lay in buckets.
BUCKETS_DIGEST = "motcuaBucketsSha256"
ROWS_DIGEST = "motcuaRowsSha256"


class NotStated(Exception):
    """A payload that is no statement of the wanted kind."""


class Subject(msgspec.Struct):
    """One thing a statement is about, with its hashes by name."""

    name: str
    digest: dict[str, str]


class Previous(msgspec.Struct):
    """The release that passed before, and the SHA-256 of its manifest."""

    release: int
    sha256: str


class Named(msgspec.Struct):
    """A release by its number."""

    id: int


class Held(msgspec.Struct):
    """A published table: its columns in their order, how many rows it had, and the column its rows lie by in buckets."""

    columns: list[str]
    rows: int
    placed_by: str | None = None


class ManifestPredicate(msgspec.Struct):
    """Of what a manifest says, what checking it needs."""

    release: Named
    previous: Previous | None
    tables: dict[str, Held]


class PackPredicate(msgspec.Struct):
    """The release a pack is of."""

    release: int


class Manifest(msgspec.Struct):
    """A release's manifest; its subjects are the published tables."""

    kind: str = msgspec.field(name="_type")
    predicate_type: str = msgspec.field(name="predicateType")
    subject: list[Subject]
    predicate: ManifestPredicate


class Pack(msgspec.Struct):
    """The list of a pack's files; its subjects are all of them but itself."""

    kind: str = msgspec.field(name="_type")
    predicate_type: str = msgspec.field(name="predicateType")
    subject: list[Subject]
    predicate: PackPredicate


Kind = TypeVar("Kind", Manifest, Pack)


def manifest_of(
    facts: Mapping[str, Any], content: Mapping[str, Mapping[str, Any]], previous: tuple[int, str] | None
) -> bytes:
    """The manifest of a release: what the ledger says of it, its tables with their hashes, the manifest before it."""
    return _written(
        MANIFEST,
        digests_of(content),
        {
            **facts,
            "previous": None if previous is None else {"release": previous[0], "sha256": previous[1]},
            "tables": {
                name: {part: table[part] for part in ("columns", "rows", "placed_by") if part in table}
                for name, table in content.items()
            },
        },
    )


def digests_of(content: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Each table's hash as the ledger holds it, under the name of the rule that it follows."""
    return {
        name: {BUCKETS_DIGEST if "depth" in table else ROWS_DIGEST: table["sha256"]} for name, table in content.items()
    }


def pack_of(release_id: int, files: Mapping[str, str]) -> bytes:
    """The list of a pack's files with the SHA-256 of each."""
    return _written(PACK, {name: {"sha256": sha256} for name, sha256 in files.items()}, {"release": release_id})


def read_manifest(payload: bytes) -> Manifest:
    """Raises NotStated for another payload than a manifest's."""
    return _read(payload, Manifest, MANIFEST)


def read_pack(payload: bytes) -> Pack:
    """Raises NotStated for another payload than that of a list of files."""
    return _read(payload, Pack, PACK)


def _read(payload: bytes, kind: type[Kind], named: str) -> Kind:
    try:
        statement = msgspec.json.decode(payload, type=kind)
    except msgspec.DecodeError as error:
        raise NotStated(str(error)) from None
    if (statement.kind, statement.predicate_type) != (STATEMENT, named):
        raise NotStated(f"it states {statement.predicate_type}")
    return statement


def _written(kind: str, subjects: Mapping[str, dict[str, str]], predicate: dict[str, Any]) -> bytes:
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": subjects[name]} for name in sorted(subjects)],
        "predicateType": kind,
        "predicate": predicate,
    }
    return json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_instant).encode()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{type(value).__name__} has no form in a statement")
