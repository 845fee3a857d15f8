"""Reading the portal: everything once, only what changed, in any form of answer, from where the last reading stopped.

Belongs here: the extractor against the stand-in. Does not: faults (test_portal_faults.py).
"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest

from contracts.extraction import Wanted
from contracts.failures import DeliveryProblem, DeliveryRefused, SourceUnavailable, UsageError
from contracts.records import ROW_HASH, ROW_NUMBER
from extractors import drops, evidence
from extractors.portal import PortalConnection, read_service
from extractors.row_hashes import RowHashes
from tests.integration.portal.conftest import KEY, PASSWORD, Landing, StartPortal, dossiers, utc


def codes(frame: pl.DataFrame) -> list[str]:
    return sorted(frame["MaHoSo"].to_list())


@pytest.mark.parametrize("every", [0, 0.25, 60])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 100])
def test_every_dossier_once(start_portal: StartPortal, count: int, every: float) -> None:
    """Also where pages end inside a second, and where a second fills many pages."""
    made = dossiers(count, every=every)
    portal = start_portal(LayDanhSachHoSo=made)
    portal.landing.read()
    assert portal.landing.codes() == codes(made)
    assert portal.landing.read() == 0, "a reading with nothing new gave a batch"


def test_an_empty_list_gives_nothing(start_portal: StartPortal) -> None:
    portal = start_portal(LayDanhSachHoSo=dossiers(0))
    assert portal.landing.read() == 0
    assert portal.landing.position is None


@pytest.mark.parametrize("concurrency", [2, 4])
def test_several_threads_bring_the_same(start_portal: StartPortal, concurrency: int) -> None:
    made = dossiers(600, every=9_000)
    portal = start_portal(LayDanhSachHoSo=made, connection={"concurrency": concurrency})
    portal.landing.read()
    assert portal.landing.codes() == codes(made)
    stamps = [row["ngaycapnhat"] for row in portal.landing.rows]
    assert stamps == sorted(stamps), "batches must come in order, or a position would skip some"
    assert portal.landing.read() == 0


def test_a_server_that_gives_shorter_pages_than_asked_for_ends_nothing_early(start_portal: StartPortal) -> None:
    made = dossiers(5_400, every=1)
    portal = start_portal(LayDanhSachHoSo=made, page_size=50_000)
    portal.landing.read()
    assert portal.landing.codes() == codes(made)


def test_what_changes_is_read_and_nothing_else(start_portal: StartPortal) -> None:
    made = dossiers(300)
    portal = start_portal(LayDanhSachHoSo=made)
    portal.landing.read()
    changed = made[7].with_columns(TrangThaiHoSo=pl.lit("9"), NgayCapNhat=pl.lit("20230601090000"))
    # Committed behind the newest stamp, inside the overlap.
    late = dossiers(1, first=5_000).with_columns(NgayCapNhat=pl.lit(made["NgayCapNhat"][295]))
    file = portal.gateway.setup.folder / "LayDanhSachHoSo.parquet"
    pl.concat([made[:7], made[8:], changed, late]).write_parquet(file)
    asked = portal.gateway.schedule.calls["LayDanhSachHoSo"]
    assert portal.landing.read() == 1
    assert {row["mahoso"] for row in portal.landing.rows[300:]} == {changed["MaHoSo"][0], late["MaHoSo"][0]}
    assert len(portal.landing.rows) == 302
    assert portal.gateway.schedule.calls["LayDanhSachHoSo"] - asked < 10
    assert portal.landing.position is not None and portal.landing.position["changed_at"] == "20230601090000"


def test_a_late_commit_does_not_move_the_position_back(start_portal: StartPortal) -> None:
    """The overlap is 18 pages here; the page with the late dossier ends long before the newest stamp."""
    made = dossiers(400, every=5)
    portal = start_portal(LayDanhSachHoSo=made)
    portal.landing.read()
    before = portal.landing.position
    late = dossiers(1, first=5_000).with_columns(NgayCapNhat=pl.lit(made["NgayCapNhat"][250]))
    pl.concat([made, late]).write_parquet(portal.gateway.setup.folder / "LayDanhSachHoSo.parquet")
    assert portal.landing.read() == 1
    assert portal.landing.codes() == codes(pl.concat([made, late]))
    assert before is not None and portal.landing.position is not None
    assert portal.landing.position["changed_at"] == before["changed_at"]
    assert portal.landing.read() == 0


def test_a_dossier_that_never_lands_does_not_come_as_new_for_ever(start_portal: StartPortal) -> None:
    """Quarantined rows are in no list of known ones; the position remembers the overlap's."""
    made = dossiers(30).with_columns(
        NgayTiepNhan=pl.when(pl.int_range(30) == 28).then(pl.lit("không rõ")).otherwise("NgayTiepNhan")
    )
    portal = start_portal(LayDanhSachHoSo=made)
    portal.landing.read()
    assert len(portal.landing.rows) == 29
    assert portal.landing.read() == 0


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_crash_after_any_batch_goes_on_from_there(start_portal: StartPortal, most: int) -> None:
    made = dossiers(1_700, every=1)
    portal = start_portal(LayDanhSachHoSo=made)
    portal.landing.read(most=most)
    assert len(portal.landing.rows) < 1_700
    portal.landing.read()
    assert portal.landing.codes() == codes(made)


def test_backfills_in_any_order_come_to_the_same(start_portal: StartPortal) -> None:
    made = dossiers(400, every=20_000)
    portal = start_portal(LayDanhSachHoSo=made)
    stretches = [(utc(2023, month, 1), utc(2023, month + 1, 1)) for month in (3, 1, 4, 2)]
    for begin, end in stretches:
        portal.landing.read(changed_from=begin, changed_to=end)
    assert portal.landing.position is None, "a backfill leaves the position alone"
    assert portal.landing.codes() == codes(made.filter(pl.col("NgayCapNhat") < "20230501"))
    for begin, end in stretches:
        assert portal.landing.read(changed_from=begin, changed_to=end) == 0
    portal.landing.read(changed_from=utc(2023, 5, 1))
    assert portal.landing.codes() == codes(made)


@pytest.mark.parametrize("style", ["double_encoded", "plain_text", "spaced"])
def test_every_form_of_answer_says_the_same(start_portal: StartPortal, style: str) -> None:
    made = dossiers(45)
    portal = start_portal(LayDanhSachHoSo=made, setup={"styles": {"LayDanhSachHoSo": style}})
    portal.landing.read()
    other = start_portal(LayDanhSachHoSo=made)
    other.landing.read()
    assert {row[ROW_HASH] for row in portal.landing.rows} == {row[ROW_HASH] for row in other.landing.rows}
    assert portal.landing.codes() == codes(made)


def procedures(count: int) -> pl.DataFrame:
    names = ["MATTHC", "TENTTHC", "MALINHVUC", "TENLINHVUC", "CAPTHUCHIEN", "IDQUYETDINHCONGBO", "TRANGTHAI"]
    return pl.DataFrame([{name: f"{name} {at}" for name in names} for at in range(count)])


def test_a_whole_list_unchanged_has_the_same_bytes(start_portal: StartPortal, tmp_path: Path) -> None:
    """So that a catalogue read again tomorrow is known to be the same."""
    portal = start_portal(LayDanhSachTTHC=procedures(1_878))
    landing = portal.landing
    stream = landing.source.stream("procedure")
    files = []
    for _ in range(2):
        [batch] = read_service(
            landing.source, stream, Wanted(tmp_path, None, lambda _: frozenset(), RowHashes().one), landing.connection
        )
        assert batch.position is None
        assert abs(batch.read_at - portal.gateway.clock()) < timedelta(minutes=1), "the portal's clock counts, not ours"
        files.append(batch.file.read_bytes())
        portal.gateway.skew = timedelta(days=1)
        rows = [part.rows.height for part in drops.read(stream, landing.source, batch.file, batch.name)]
        assert sum(rows) == 1_878
    assert files[0] == files[1]


def test_an_empty_whole_list_is_refused_where_it_lands(start_portal: StartPortal, tmp_path: Path) -> None:
    portal = start_portal(LayDanhMucCoQuan=pl.DataFrame(schema={"MADONVI": pl.String(), "TENDONVI": pl.String()}))
    landing = portal.landing
    stream = landing.source.stream("agency")
    [batch] = read_service(
        landing.source, stream, Wanted(tmp_path, None, lambda _: frozenset(), RowHashes().one), landing.connection
    )
    with pytest.raises(DeliveryRefused) as refusal:
        list(drops.read(stream, landing.source, batch.file, batch.name))
    assert refusal.value.problem is DeliveryProblem.EMPTY


def test_a_service_is_asked_once_for_each_value_of_another_stream(start_portal: StartPortal, tmp_path: Path) -> None:
    portal = start_portal(LayDanhSachTTHC=procedures(3), LayThuTuc=procedures(3))
    source = portal.landing.source
    procedure = source.stream("procedure")
    layout = procedure.layout.model_copy(
        update={"service": "LayThuTuc", "for_each": "procedure.MATTHC", "parameter": "maTTHC"}
    )
    detail = procedure.model_copy(update={"name": "detail", "layout": layout})
    [batch] = read_service(
        source, detail, Wanted(tmp_path, None, lambda _: frozenset(), RowHashes().one), portal.landing.connection
    )
    assert sum(part.rows.height for part in drops.read(detail, source, batch.file, batch.name)) == 3
    assert portal.gateway.schedule.calls["LayThuTuc"] == 3


def test_every_row_is_found_again_in_the_kept_bytes(start_portal: StartPortal, tmp_path: Path) -> None:
    made = dossiers(120, every=0.5)
    portal = start_portal(LayDanhSachHoSo=made, setup={"styles": {"LayDanhSachHoSo": "double_encoded"}})
    landing = portal.landing
    stream = landing.source.stream("dossier")
    batches = list(
        read_service(
            landing.source, stream, Wanted(tmp_path, None, lambda _: frozenset(), RowHashes().one), landing.connection
        )
    )
    found, hashes = 0, RowHashes.of_stream(stream, KEY)
    for batch in batches:
        for part in drops.read(stream, landing.source, batch.file, batch.name, pseudonyms=KEY):
            for row in part.rows.to_dicts():
                text, sha256 = evidence.record_text(stream, batch.file, row[ROW_NUMBER], hashes)
                assert row["mahoso"] in text and bytes.fromhex(sha256) == row[ROW_HASH]
                assert "Nguyễn Thị Thử" not in evidence.shown_record(stream, batch.file, row[ROW_NUMBER], hashes)[0]
                found += 1
    assert found == 120


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda frame: frame.with_columns(MucDoHaiLong=pl.lit("5")), DeliveryProblem.COLUMN_ADDED),
        (lambda frame: frame.drop("NgayTra"), DeliveryProblem.COLUMN_DROPPED),
        (lambda frame: frame.rename({"DonViXuLy": "DonViXuLyHS"}), DeliveryProblem.COLUMN_RENAMED),
    ],
)
def test_drift_of_fields_is_refused_before_anything_lands(start_portal: StartPortal, change, problem) -> None:  # type: ignore[no-untyped-def]
    portal = start_portal(LayDanhSachHoSo=change(dossiers(20)))
    with pytest.raises(DeliveryRefused) as refusal:
        portal.landing.read()
    assert refusal.value.problem is problem
    assert not portal.landing.rows and portal.landing.position is None


def test_nothing_that_writes_can_be_called(start_portal: StartPortal) -> None:
    """Refused before anything is sent; and the stand-in itself refuses it, and tells."""
    portal = start_portal(LayDanhSachHoSo=dossiers(1))
    stream = portal.landing.source.stream("dossier")
    for service in ("DongBoHoSoMC", "CapNhatTienDoHoSoMC", "XoaHoSo", "LayHoSo;DongBo", "layDanhSach", "TraCuuHoSoMoi"):
        writing = stream.model_copy(update={"layout": stream.layout.model_copy(update={"service": service})})
        wanted = Wanted(portal.landing.folder, None, lambda _: frozenset(), RowHashes().one)
        with pytest.raises(UsageError, match="reading services"):
            list(read_service(portal.landing.source, writing, wanted, portal.landing.connection))
    assert not portal.gateway.schedule.calls
    reached = portal.landing.connection
    answer = httpx.post(reached.url(reached.call_path), json={"service": "DongBoHoSoMC"}, trust_env=False)
    assert answer.status_code == 403
    assert [incident["service"] for incident in portal.gateway.incidents] == ["DongBoHoSoMC"]
    portal.gateway.incidents.clear()


def test_secrets_stand_in_no_message(start_portal: StartPortal) -> None:
    portal = start_portal(LayDanhSachHoSo=dossiers(1), connection={"password": "mật-khẩu-sai-5521"})
    with pytest.raises(SourceUnavailable) as failure:
        portal.landing.read()
    told = [
        f"{failure.value!r} {failure.value} {failure.value.hint}",
        repr(portal.landing.connection),
        repr(portal.gateway.setup),
    ]
    chain: BaseException | None = failure.value
    while chain is not None:
        told.append(f"{chain!r} {vars(chain)}")
        chain = chain.__cause__ or chain.__context__
    assert not any(secret in text for text in told for secret in ("5521", PASSWORD))
    assert "error code -2" in failure.value.message
    assert portal.gateway.schedule.calls["login"] == 1, "a wrong password is not tried again: it would lock the account"


def test_an_untrusted_certificate_is_refused_and_a_trusted_one_taken(start_portal: StartPortal, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    made = dossiers(5)
    portal = start_portal(LayDanhSachHoSo=made, certificate=(certificate, key))
    with pytest.raises(SourceUnavailable, match="not trusted"):
        portal.landing.read()
    trusting = start_portal(LayDanhSachHoSo=made, certificate=(certificate, key), connection={"ca_file": certificate})
    trusting.landing.read()
    assert trusting.landing.codes() == codes(made)


def test_the_stand_in_as_a_program(start_portal: StartPortal, tmp_path: Path) -> None:
    folder, ready = tmp_path / "tỉnh", tmp_path / "ready"
    (folder / "portal").mkdir(parents=True)
    dossiers(12).write_parquet(folder / "portal" / "LayDanhSachHoSo.parquet")
    faults = tmp_path / "faults.yml"
    faults.write_text("- {kind: server_error, service: LayDanhSachHoSo, call: 2}\n", encoding="utf-8")
    server = subprocess.Popen(
        [sys.executable, "-m", "demo", "portal", "--folder", str(folder), "--ready-file", str(ready),
         "--faults", str(faults), "--now", "2023-07-04T08:00:00"], stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None and b"http://127.0.0.1:" in server.stdout.readline()
        connection = PortalConnection(
            address=ready.read_text("utf-8"), login_path="auth/login", call_path="dvcqg/call", username="thainguyen",
            password="chi-de-thu", destination="VN:GOV:000.00.00.G22:dvcqg", agency="000.00.00.H55",
            first_pause_seconds=0.01,
        )  # fmt: skip
        (tmp_path / "batches").mkdir()
        landing = Landing(start_portal().landing.source, tmp_path / "batches", connection)
        landing.read()
        assert len(landing.rows) == 12
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()  # type: ignore[union-attr]
