"""What a container is given ready-made: the database's URL in a file, dbt's artefacts, Dagster's folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from contracts.failures import ContractError, UsageError
from orchestration import dbt_project
from orchestration.dbt_project import FINGERPRINT, GRAPH, MANIFEST, PREBUILT_VARIABLE, prepare
from orchestration.instance import FOLDER_VARIABLE, dagster_home
from orchestration.settings import Settings, load_settings
from warehouse.database import URL_FILE_VARIABLE, URL_VARIABLE, given_url

URL = "postgresql://motcua_app:Geheim-271828@postgres:5432/motcua"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A deployment whose dbt project is one line."""
    # Not below tmp_path: as root that is closed to the server's user, which the home sees to.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("MOTCUA_HOME", folder)
        project = tmp_path / "project"
        (project / "dbt_project").mkdir(parents=True)
        (project / "dbt_project" / "model.sql").write_text("select 1")
        yield replace(load_settings(), project=project)


def test_the_url_comes_from_the_variable_or_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"{URL}\n")
    file.chmod(0o600)
    assert given_url({}) is None
    assert given_url({URL_VARIABLE: " "}) is None
    assert given_url({URL_VARIABLE: URL}) == URL
    assert given_url({URL_FILE_VARIABLE: str(file)}) == URL


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o666])
def test_a_url_file_open_to_others_is_refused_without_telling_it(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "url"
    file.write_text(URL)
    file.chmod(mode)
    with pytest.raises(UsageError, match=URL_FILE_VARIABLE) as caught:
        given_url({URL_FILE_VARIABLE: str(file)})
    assert "Geheim" not in str(caught.value)
    assert "Geheim" not in caught.value.hint


def test_two_urls_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both set") as caught:
        given_url({URL_VARIABLE: URL, URL_FILE_VARIABLE: str(tmp_path / "url")})
    assert "Geheim" not in str(caught.value)


def _prebuilt(folder: Path, fingerprint: str) -> Path:
    folder.mkdir()
    (folder / MANIFEST).write_text('{"nodes": {"made": "at build time"}}')
    (folder / GRAPH).write_bytes(b"graph")
    (folder / FINGERPRINT).write_text(fingerprint)
    return folder


def test_artefacts_made_of_the_same_project_are_taken(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREBUILT_VARIABLE, str(_prebuilt(tmp_path / "built", dbt_project.fingerprint(settings))))
    assert prepare(settings).manifest["nodes"] == {"made": "at build time"}
    assert (settings.dbt_target() / GRAPH).read_bytes() == b"graph"
    # The home's own are as good from then on.
    monkeypatch.delenv(PREBUILT_VARIABLE)
    assert prepare(settings).manifest["nodes"] == {"made": "at build time"}


def test_artefacts_of_another_project_are_not_taken(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREBUILT_VARIABLE, str(_prebuilt(tmp_path / "built", dbt_project.fingerprint(settings))))
    (settings.project / "dbt_project" / "model.sql").write_text("select 2")
    # What is no dbt project at all does not parse; that it is asked to is what shows.
    with pytest.raises(ContractError, match="does not parse"):
        prepare(settings)


def test_dagsters_folder_can_be_somebody_elses(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dagster_home(settings) == settings.home.state / "dagster"
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(UsageError, match=r"dagster\.yaml"):
        dagster_home(settings)
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    assert dagster_home(settings) == tmp_path
    assert (tmp_path / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"
