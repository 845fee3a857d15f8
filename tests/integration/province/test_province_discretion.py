"""No secret and no person in anything a whole run over the province leaves behind.

Belongs here: searching what was said, logged and stored. Does not: single readers' discretion (tests/unit/extractors).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest

from tests.integration.province.made_province import Province

#: Where secrets are kept on purpose, readable by their owner alone.
_KEPT_SECRETS = {"pseudonym_key", "provincial.json", "passwords.json", "server.json", "readers.json"}


#: 9 to 12 digits that stand alone. What may not stand before is asked at a digit: asked first, it is asked at every letter.
_NUMBERS = re.compile(r"[0-9](?<![0-9a-f.].)[0-9]{8,11}(?![0-9a-f.])")


def _traces(province: Province, told: str) -> Iterator[tuple[str, str]]:
    """Everything a run leaves behind outside raw rows and kept files: what it said, its history and logs, the database."""
    yield "output", told
    state = province.settings().home.state
    for file in sorted(state.rglob("*")):
        if file.is_file() and file.name not in _KEPT_SECRETS and not _is_private(file):
            yield str(file.relative_to(state)), file.read_bytes().decode("utf-8", "replace")
    tables = province.ask(
        "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname in"
        " ('audit', 'release', 'reference', 'intermediate', 'candidate', 'marts', 'history') order by 1"
    )
    raw = province.ask(
        "select format('%%I.%%I', schemaname, tablename) from pg_tables where schemaname = 'raw' order by 1"
    )
    for (table,) in [*tables, *raw]:
        rows = province.ask(f"select string_agg(t::text, E'\\n') from {table} as t")
        yield table, str(rows[0][0])


def _is_private(file: Path) -> bool:
    """A secret's own place: a private file of a line or two."""
    return file.stat().st_mode & 0o077 == 0 and file.stat().st_size < 400


@pytest.mark.walk
def test_no_secret_and_no_person_in_what_a_run_leaves(
    copy_of_province: Callable[[str], Province], motcua: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """The whole run is done again, for another as-of instant, and everything it left is searched."""
    province = copy_of_province("province_searched")
    again = [
        "--set",
        "jurisdictions.thai_nguyen.as_of=2023-07-02",
        "--format",
        "json",
        "--database",
        province.database.name,
    ]
    finished = motcua("run", *province.arguments, *again)
    assert finished.returncode == 0, finished.stderr
    private = province.folder / "secrets"
    url = (private / "provincial_url").read_text(encoding="utf-8").strip()
    state = province.settings().home.state
    secrets = {
        (private / "portal_password").read_text(encoding="utf-8").strip(), urlsplit(url).password or "",
        (state / "pseudonym_key").read_text(encoding="utf-8").strip(),
    }  # fmt: skip
    assert len(secrets) == 3 and all(len(secret) > 15 for secret in secrets)
    people = pl.read_parquet(province.folder / "portal" / "LayDanhSachHoSo.parquet")
    identities = set(people["SoGiayToChuHoSo"].drop_nulls().to_list()) - {""}
    phones = set(people["SoDienThoai"].drop_nulls().to_list()) - {""}
    assert len(identities) > 1_000 and len(phones) > 1_000
    for place, text in _traces(province, finished.stdout + finished.stderr):
        assert not [secret for secret in secrets if secret in text], f"a secret in {place}"
        assert "Thử Nghiệm" not in text, f"a name in {place}"
        numbers = set(_NUMBERS.findall(text))
        assert not numbers & (identities | phones), f"an identity or phone number in {place}"
