"""Fixtures of the extractors' tests: the real deliveries unpacked, and contracts and files made to order."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.records import QuarantinedField, RecordBatch
from contracts.source import SourceContract, StreamContract
from extractors.catalogue import load_contracts
from extractors.drops import read

_DATA = Path(__file__).resolve().parents[3] / "demo" / "data"

MakeSource = Callable[..., SourceContract]


class Outcome:
    """Everything one delivery gave: accepted rows, quarantine, records read."""

    def __init__(self, batches: list[RecordBatch]) -> None:
        self.batches = batches
        self.rows = pl.concat([batch.rows for batch in batches])
        self.quarantine: list[QuarantinedField] = [fault for batch in batches for fault in batch.quarantine]
        self.read = sum(batch.read for batch in batches)
        self.quarantined_rows = sum(batch.quarantined_rows for batch in batches)

    def reasons(self) -> dict[tuple[int, str], str]:
        """(row, field) → reason."""
        return {(fault.row_number, fault.field): fault.reason for fault in self.quarantine}


def _unpacked(folder: str, target: Path) -> Path:
    for packed in (_DATA / folder).glob("*.gz"):
        (target / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return target


@pytest.fixture(scope="session")
def boston_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Boston's delivery."""
    return _unpacked("boston311_2015q1", tmp_path_factory.mktemp("boston"))


@pytest.fixture(scope="session")
def cartas_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Brazil's deliveries."""
    return _unpacked("cartas_2015_2016", tmp_path_factory.mktemp("cartas"))


@pytest.fixture(scope="session")
def built_in() -> dict[str, SourceContract]:
    """The contracts that come with the program."""
    return load_contracts()


@pytest.fixture(scope="session")
def source_of() -> MakeSource:
    """Makes a source with one stream: `source_of(fields, layout={...}, **stream entries)`. The first field is the key."""

    def make(fields: list[dict[str, Any] | str], zone: str = "America/New_York", **entries: Any) -> SourceContract:
        full = [{"name": field} if isinstance(field, str) else field for field in fields]
        full[0] = {"required": True} | full[0]
        stream = {
            "name": "thing",
            "files": "*.csv",
            "layout": {"kind": "delimited"},
            "delivery": "full",
            "key": [full[0]["name"]],
            "version": {"by": "file_name", "pattern": "(?P<date>.+)\\.csv"},
            "fields": full,
        } | entries
        return SourceContract.model_validate(
            {"name": "made", "owner": "nobody", "cadence": "never", "zone": zone, "streams": [stream]}
        )

    return make


@pytest.fixture(scope="session")
def outcome() -> Callable[..., Outcome]:
    """Reads a file (or bytes written to it first) by a source's only (or named) stream."""

    def run(source: SourceContract, file: Path, data: bytes | None = None, stream: str | None = None) -> Outcome:
        if data is not None:
            file.write_bytes(data)
        chosen: StreamContract = source.stream(stream) if stream else source.streams[0]
        return Outcome(list(read(chosen, source, file, file.name)))

    return run
