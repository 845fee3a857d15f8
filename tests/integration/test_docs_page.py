"""dbt's page of a release's models: all of them, nothing of this machine, the same bytes each time.

Belongs here: the page as a file. Does not: a browser.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.failures import UsageError
from orchestration.dbt_project import declared_marts, prepare
from orchestration.docs_page import PAGE, write_docs_page
from tests.conftest import Deployed


@pytest.fixture(scope="module")
def page(sample: Deployed, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("site") / "new"
    assert write_docs_page(sample.settings, sample.database, 1, out) == out / PAGE
    assert [file.name for file in out.iterdir()] == [PAGE]
    return (out / PAGE).read_text(encoding="utf-8")


def _inlined(page: str, name: str) -> dict[str, Any]:
    found = re.search(rf'\b{name}:(?={{")', page)
    assert found is not None
    told: dict[str, Any] = json.JSONDecoder().raw_decode(page[found.end() :])[0]
    return told


def test_every_model_and_column_is_there_with_the_sql_that_made_it(sample: Deployed, page: str) -> None:
    manifest, catalog = _inlined(page, "manifest"), _inlined(page, "catalog")
    texts = dict(sample.ask("select model, sql from audit.model_text"))
    nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert set(nodes) == set(texts)
    for name, text in texts.items():
        assert nodes[name]["compiled_code"] == text.replace(f'"{sample.database.name}".', '"motcua".')
    held = {entry["metadata"]["name"]: entry["columns"] for entry in catalog["nodes"].values()}
    for mart in declared_marts(prepare(sample.settings)):
        assert set(held[mart.name]) == {column.name for column in mart.columns}
        assert set(nodes[mart.name]["columns"]) == {column.name for column in mart.columns}
    # The graph.
    assert "model.motcua.fct_dossier" in manifest["child_map"]["model.motcua.int_dossier__current"]


def test_nothing_of_this_machine_is_in_it(sample: Deployed, page: str) -> None:
    database, settings = sample.database, sample.settings
    for secret in (
        database.password, f"{database.host}:{database.port}", str(settings.home.root), str(settings.project),
        str(settings.dbt_target()), f'"{database.name}"',
    ):  # fmt: skip
        assert secret not in page, secret
    assert re.search(rf"[\"/@]{re.escape(socket.gethostname())}[\"/:.]", page) is None
    assert f":{database.port}" not in page and os.environ["MOTCUA_HOME"] not in page
    told = [_inlined(page, name)["metadata"] for name in ("manifest", "catalog")]
    assert all(one["generated_at"] is None and one["invocation_id"] is None for one in told)


def test_it_asks_nothing_of_anybody_and_says_what_it_needs(page: str) -> None:
    assert "default-src 'none'" in page and "connect-src" not in page
    assert _inlined(page, "manifest")["metadata"]["send_anonymous_usage_stats"] is False
    assert "cần JavaScript" in page and "needs JavaScript" in page
    # What is inlined cannot end the script it stands in.
    assert page.count("</script>") == 1


def test_the_same_release_gives_the_same_bytes(
    sample: Deployed, page: str, motcua: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    before = (prepare(sample.settings).target / "manifest.json").read_bytes()
    said = motcua("site", "docs", "--out", str(tmp_path), "--database", sample.database.name)
    assert (said.returncode, "needs JavaScript" in said.stdout) == (0, True), said.stderr
    assert (tmp_path / PAGE).read_text(encoding="utf-8") == page
    assert (prepare(sample.settings).target / "manifest.json").read_bytes() == before


@pytest.mark.walk
def test_it_stands_with_the_pages_of_its_release(
    sample: Deployed, page: str, motcua: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    on = ("--out", str(tmp_path / "site"), "--database", sample.database.name, "-j", "boston")
    assert motcua("site", "build", "--models", *on).returncode == 0
    assert (tmp_path / "site" / "release-1" / PAGE).read_text(encoding="utf-8") == page
    for name in ("index.html", "index.en.html"):
        assert f'href="release-1/{PAGE}"' in (tmp_path / "site" / name).read_text(encoding="utf-8")


def test_a_release_of_other_models_is_told_by_its_own_program(copy_of_sample: Deployed, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not on record"):
        write_docs_page(copy_of_sample.settings, copy_of_sample.database, 7, tmp_path)
    copy_of_sample.do("alter table audit.run_program disable trigger rows_are_evidence")
    copy_of_sample.do(
        "update audit.run_program set program = jsonb_set(program, '{dbt_project_sha256}', '\"another\"')"
    )
    with pytest.raises(UsageError, match="other models"):
        write_docs_page(copy_of_sample.settings, copy_of_sample.database, 1, tmp_path)
    assert list(tmp_path.iterdir()) == []
