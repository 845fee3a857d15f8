"""dbt's own page of all models as one file for a release: their columns, SQL and graph, and nothing of this machine.

Belongs here: asking dbt for the catalogue, and taking out of its artefacts what is of a machine or a moment. Does not: our own
pages (they need no script; this one does, and is linked as an extra), or column lineage (`motcua lineage`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contracts.failures import UsageError
from orchestration import dbt_project
from orchestration.settings import Settings
from warehouse.builds import texts_of_release
from warehouse.database import Database

#: The page's name below the folder it is written to.
PAGE = "models.html"
#: Of an artefact's metadata: which call of dbt made it, when, for whom. Of a node: when and where it was parsed.
_OF_A_MOMENT = {
    "generated_at", "invocation_id", "invocation_started_at", "user_id", "project_id", "env", "run_started_at", "created_at",
}  # fmt: skip
_OF_A_MACHINE = {"root_path", "build_path", "compiled_path", "deferred", "owner"}
#: What the page shows; macros of dbt itself and tests' SQL would make it three times as long.
_SHOWN = (
    "metadata",
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "docs",
    "macros",
    "parent_map",
    "child_map",
)
_SEALED = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval';"
    " style-src 'unsafe-inline'; img-src data:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'\">"
)
_ICON = """<link rel="shortcut icon" href="${require('./assets/favicons/favicon.ico')}"/>"""
_NEEDS_SCRIPT = (
    '<noscript><p lang="vi">Trang này là tài liệu mô hình dữ liệu do dbt tạo ra và cần JavaScript. Các trang công bố khác'
    ' không cần.</p><p lang="en">This page, made by dbt, documents the data models and needs JavaScript. The other pages of a'
    " release do not.</p></noscript>"
)


def write_docs_page(settings: Settings, database: Database, release: int, out: Path) -> Path:
    """Writes the page of a release's models to `out` / models.html, and gives its path. Raises as docs_page does."""
    content = docs_page(settings, database, release)
    out.mkdir(parents=True, exist_ok=True)
    page = out / PAGE
    page.write_bytes(content)
    return page


def docs_page(settings: Settings, database: Database, release: int) -> bytes:
    """The page of a release's models. The same release, the same bytes.

    Raises UsageError where the release was made by other models than this program has, or has none on record.
    """
    held = texts_of_release(database, release)
    if held is None:
        raise UsageError(f"it is not on record which models made release {release}", hint="motcua release list")
    if held.project != dbt_project.fingerprint(settings):
        raise UsageError(
            f"release {release} was made by other models than this program has",
            hint="Check out the program's commit that `motcua release show` names, and ask that.",
        )
    prepared = dbt_project.prepare(settings)
    with tempfile.TemporaryDirectory(dir=settings.home.state) as folder:
        catalog = dbt_project.catalog(settings, database, prepared, Path(folder))
    manifest = _cleaned_manifest(prepared.manifest, held.sql, database.name)
    return _page(manifest, _cleaned(catalog, database.name), release)


def _page(manifest: Mapping[str, Any], catalog: Mapping[str, Any], release: int) -> bytes:
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    text = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for place, told in (
        ('"MANIFEST.JSON INLINE DATA"', _inline(manifest)),
        ('"CATALOG.JSON INLINE DATA"', _inline(catalog)),
        ("<title>dbt Docs</title>", f"{_SEALED}<title>motcua: models of release {release}</title>"),
        # An icon that is not there.
        (_ICON, ""),
        ("</body>", f"{_NEEDS_SCRIPT}</body>"),
    ):
        if text.count(place) != 1:
            raise UsageError(f"dbt's page is not as this program knows it: {place} is not there once")
        text = text.replace(place, told)
    return text.encode()


def _inline(told: Mapping[str, Any]) -> str:
    """As a script may hold it: no text in it can end the script."""
    return (
        json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        .replace("</", "<\\/")
        .replace("<!--", "<\\!--")
    )


def _cleaned_manifest(manifest: Mapping[str, Any], sql: Mapping[str, str], database: str) -> dict[str, Any]:
    shown = {name: manifest[name] for name in _SHOWN}
    ours = manifest["metadata"]["project_name"]
    shown["macros"] = {name: told for name, told in manifest["macros"].items() if told["package_name"] == ours}
    shown["docs"] = {name: told for name, told in manifest["docs"].items() if told["package_name"] in {ours, "dbt"}}
    shown["nodes"] = {
        name: {**node, "compiled": True, "compiled_code": sql[node["name"]]} if node["name"] in sql else node
        for name, node in manifest["nodes"].items()
    }
    told: dict[str, Any] = _cleaned(shown, database)
    told["metadata"]["send_anonymous_usage_stats"] = False
    return told


def _cleaned(told: Any, database: str) -> Any:
    """Without what is of a machine or a moment; the database goes by the name that the project was parsed for."""
    if isinstance(told, Mapping):
        kept = {name: part for name, part in told.items() if name not in _OF_A_MACHINE}
        return {
            name: dbt_project.PARSED_FOR
            if name == "database" and part == database
            else _without_moment(name)
            if name in _OF_A_MOMENT
            else _cleaned(part, database)
            for name, part in kept.items()
        }
    if isinstance(told, list):
        return [_cleaned(part, database) for part in told]
    if isinstance(told, str):
        return told.replace(f'"{database}".', f'"{dbt_project.PARSED_FOR}".')
    return told


def _without_moment(name: str) -> Any:
    """Kept as a name, for the page may ask for it; `created_at` is a number there."""
    return 0 if name == "created_at" else {} if name == "env" else None
