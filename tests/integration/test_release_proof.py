"""From a release's page to its signed manifest: the files are there, are those of a pack, and verify with the public key.

Belongs here: sites of the sampled Boston with and without a manifest. Does not: packs (test_evidence.py), other pages
(test_release_pages.py).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from orchestration.serving import Site
from reporting.evidence.keys import make_pair
from tests.conftest import CONFIG, Deployed
from tests.guarantees.partial_runs import change_of, publish_unchecked
from tests.read_pages import dangling, site_in

Motcua = Callable[..., "subprocess.CompletedProcess[str]"]
PAIR, OTHER = make_pair(), make_pair()


def build(motcua: Motcua, deployed: Deployed, out: Path, *arguments: str, **environment: str) -> None:
    where = ("--config", str(CONFIG), "--database", deployed.database.name, "--jurisdiction", "boston")
    told = motcua("site", "build", "--out", str(out), *arguments, *where, **environment)
    assert told.returncode == 0, told.stderr


def pack(motcua: Motcua, deployed: Deployed, release: int, folder: Path, key: str = PAIR.private_pem) -> Path:
    where = ("--config", str(CONFIG), "--database", deployed.database.name, "--quiet")
    told = motcua("evidence", str(release), "--out", str(folder), *where, MOTCUA_EVIDENCE_KEY=key)
    assert told.returncode == 0, told.stderr
    return folder


@pytest.fixture
def public(tmp_path: Path) -> Path:
    (tmp_path / "công khai.pub").write_text(PAIR.public_pem, encoding="utf-8")
    return tmp_path / "công khai.pub"


def test_a_release_without_a_manifest_names_the_command(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path
) -> None:
    build(motcua, copy_of_sample, tmp_path)
    site = site_in(tmp_path)
    assert not dangling(site)
    assert not (tmp_path / "release-1" / "proof").exists()
    for name, said in ((".html", "Chưa lập bản kê có chữ ký số"), (".en.html", "No signed manifest has been made")):
        assert "evidence/proof" + name in site[f"release-1/index{name}"].targets()
        text = site[f"release-1/evidence/proof{name}"].text()
        assert said in text and "motcua evidence 1 --out" in text


def test_the_pages_lead_to_manifests_that_verify(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path
) -> None:
    publish_unchecked(copy_of_sample, change_of(copy_of_sample, 1))
    packed, out = pack(motcua, copy_of_sample, 2, tmp_path / "pack"), tmp_path / "trang"
    build(motcua, copy_of_sample, out, "--release", "2", MOTCUA_EVIDENCE_PUBLIC_KEY=str(public))
    site = site_in(out)
    assert not dangling(site)
    proof = out / "release-2" / "proof"
    linked = {target for target in site["release-2/evidence/proof.html"].targets() if target.startswith("../proof/")}
    files = {path.relative_to(proof).as_posix(): path for path in proof.rglob("*") if path.is_file()}
    assert linked == {f"../proof/{name}" for name in files}
    assert set(files) == {"manifest.json", "chain/release-1.json", "public_key.pem"}
    for name in ("manifest.json", "chain/release-1.json"):
        assert files[name].read_bytes() == (packed / name).read_bytes()
    assert files["public_key.pem"].read_text() == PAIR.public_pem
    for name in (".html", ".en.html"):
        page = site[f"release-2/evidence/proof{name}"]
        assert PAIR.key_id in page.text() and not page.asks()
        hashes = {name: held["sha256"] for name, held in copy_of_sample.ask(
            "select content from release.release where release_id = 2")[0][0].items()}  # fmt: skip
        assert all(f"marts.{table}" in page.text() and sha in page.text() for table, sha in hashes.items())
    said = motcua("verify", str(proof), "--manifests", "--key", str(public), "--format", "json", "--quiet")
    assert (said.returncode, json.loads(said.stdout)["release"], json.loads(said.stdout)["chain"]) == (0, 2, [1])
    assert (
        "is as it was signed, 1 before it" in motcua("verify", str(proof), "--manifests", "--key", str(public)).stdout
    )
    served = Site(out, "the key", lambda *_: "")
    assert served.answer("/release-2/proof/manifest.json", "").content == files["manifest.json"].read_bytes()
    assert served.answer("/release-2/evidence/proof.html", "").status is HTTPStatus.OK


@pytest.mark.walk
def test_a_site_offers_no_public_key_but_the_manifests_own(
    copy_of_sample: Deployed, motcua: Motcua, tmp_path: Path, public: Path
) -> None:
    """Of several keys the one that signed; of others none, and the page says from whom to take it."""
    pack(motcua, copy_of_sample, 1, tmp_path / "pack", OTHER.private_pem)
    (tmp_path / "other.pub").write_text(OTHER.public_pem)
    build(motcua, copy_of_sample, tmp_path / "a", MOTCUA_EVIDENCE_PUBLIC_KEY=str(public))
    assert not (tmp_path / "a" / "release-1" / "proof" / "public_key.pem").exists()
    assert "take it from the publisher" in site_in(tmp_path / "a")["release-1/evidence/proof.en.html"].text()
    build(motcua, copy_of_sample, tmp_path / "b", MOTCUA_EVIDENCE_PUBLIC_KEY=f"{public}:{tmp_path / 'other.pub'}")
    assert (tmp_path / "b" / "release-1" / "proof" / "public_key.pem").read_text() == OTHER.public_pem
