"""The ledger of what was planted: each faulty value, where, and what a pipeline must make of it.

Belongs here: one entry a fault as it can be seen at T. Does not: planting (faults.py), catching.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from demo.province import moment, one_stop, portal, provincial
from demo.province.blocks import DELETED, LATE_ARRIVAL, UNREADABLE
from demo.province.documents import unreadable_days
from demo.province.faults import year_one
from demo.province.reference import NO_EFFECT_ON_PORTAL
from demo.province.units import SPELLINGS
from demo.province.world import World

COLUMNS = (
    "kind", "system", "stream", "dossier_code", "field", "planted_value", "expected", "caught_as", "rule", "in_totals",
)  # fmt: skip
#: The day on which dossiers that waited are asked for again (behaviour 8).
PAST_DAY = datetime(2023, 4, 1)  # noqa: DTZ001
_STREAMS = {"xlsx": "workbook", "csv": "csv", "txt": "unicode_text"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Entries of one kind in one field of one stream. Expressions are over the dossier frame."""

    kind: str
    system: str
    stream: str | pl.Expr
    field: str
    planted: pl.Expr
    expected: pl.Expr
    caught_as: str
    rule: str | pl.Expr
    in_totals: bool = True

    def over(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(
            kind=pl.lit(self.kind),
            system=pl.lit(self.system),
            stream=pl.lit(self.stream) if isinstance(self.stream, str) else self.stream,
            dossier_code="code",
            field=pl.lit(self.field),
            planted_value=self.planted.cast(pl.String),
            expected=self.expected.cast(pl.String),
            caught_as=pl.lit(self.caught_as),
            rule=pl.lit(self.rule) if isinstance(self.rule, str) else self.rule,
            in_totals=pl.lit(self.in_totals),
        )


def make_ledger(world: World, at: datetime, others: pl.DataFrame) -> pl.DataFrame:
    """Everything planted that shows at T; `others` are the entries that are no dossier's."""
    province, told = provincial.held(world, at), portal.held(world, at)
    office = _office(world, at)
    parts = [
        *(entry.over(frame) for entry, frame in _codes(province, told, office)),
        *(entry.over(frame) for entry, frame in _states(world, province, told, at)),
        *(entry.over(frame) for entry, frame in _times(province, told, office, at)),
        *(entry.over(frame) for entry, frame in _plain_fields(world, province, told)),
        *(entry.over(frame) for entry, frame in _outside(world, province, told, office, at)),
        others,
    ]
    return pl.concat(parts).sort(COLUMNS[:6])


def _office(world: World, at: datetime) -> pl.DataFrame:
    streams = pl.Series([_STREAMS[one_stop.layout_of(unit)] for unit in world.scene.units.rows])
    late = (pl.col("tranche") != LATE_ARRIVAL) | pl.lit(one_stop.late_arrivals_known(at))
    return (
        one_stop.exported(world)
        .filter(pl.col("received") < at, late)
        .with_columns(stream=pl.lit(streams).gather("unit"))
    )


def _text(name: str) -> pl.Expr:
    return pl.lit(name)


Planted = list[tuple[Entry, pl.DataFrame]]


def _codes(province: pl.DataFrame, told: pl.DataFrame, office: pl.DataFrame) -> Planted:
    code, old = pl.col("code"), "000."
    began = told.filter("began_on_portal", "in_provincial")
    reversed_upper = province.filter(
        ~pl.col("began_on_portal") | ~pl.col("swapped"), pl.col("upper_code").str.starts_with(old)
    )
    reversed_pushed = told.filter(~pl.col("began_on_portal"), pl.col("pushed_code").str.starts_with(old))
    reversed_own = office.filter(pl.col("own_code").str.starts_with(old))
    unsynced = province.filter(~pl.col("in_portal"), pl.col("tranche") < 2)
    order = ("normalised", "agency_id_order")
    # On the portal the dossier is recognised by the alias the province keeps, or, where the province took over the
    # portal's code, by the province's own code kept as the alias: that one joins the office's export.
    return [
        (Entry("d02_two_codes", "portal", "dossier", "MaHoSo", pl.col("national"), code, "one_dossier", "alias"),
         began.filter(~pl.col("swapped"))),
        (Entry("d02_alias_on_other_side", "provincial", "dossier", "MaHoSo", pl.col("national"), code, "one_dossier",
               "alias"), province.filter("began_on_portal", "swapped")),
        (Entry("d06_agency_order", "provincial", "dossier", "MaHoSo", pl.col("upper_code"), code, *order), reversed_upper),
        (Entry("d06_agency_order", "portal", "dossier", "MaHoSo", pl.col("pushed_code"), code, *order), reversed_pushed),
        (Entry("d06_agency_order", "one_stop", pl.col("stream"), "Số hồ sơ", pl.col("own_code"), code, *order),
         reversed_own),
        (Entry("d07_missing_on_portal", "portal", "dossier", "MaHoSo", _text(""), code, "missing_on_portal",
               "sync_difference"), unsynced),
        (Entry("d07_missing_in_province", "provincial", "dossier", "MaHoSo", _text(""), code, "missing_in_province",
               "one_stop_tells"), office.filter("office_only")),
        (Entry("d07_missing_in_province", "provincial", "dossier", "MaHoSo", _text(""), code, "missing_in_province",
               "portal_tells"), told.filter("portal_only")),
        (Entry("d07_twice_on_portal", "portal", "dossier", "MaHoSo", code, code, "twice_on_portal", "alias"),
         told.filter("d07_twice_on_portal")),
    ]  # fmt: skip


def _states(world: World, province: pl.DataFrame, told: pl.DataFrame, at: datetime) -> Planted:
    status, authority = moment.status(at), "province_decides_state"
    paused = told.filter(
        portal.shown_as_finished(at), ~pl.col("d04_one_status"), ~pl.col("d07_last_update_missing_on_portal")
    )
    one_status = told.filter("d04_one_status", status != 4)
    stale = told.filter("d07_last_update_missing_on_portal", status != 2)
    waited = province.filter(
        (pl.col("asked") < PAST_DAY) & (pl.col("answered") >= PAST_DAY) & (pl.col("answered") < at)
    )
    return [
        (Entry("d01_pause_shown_as_finished", "portal", "dossier", "TrangThaiHoSo", _text("9"), status, "status_differs",
               authority), paused),
        (Entry("d03_push_answered_exists", "provincial", "dossier", "TrangThaiDongBoDVC", _text("2"), _text("1"),
               "sync_state_contradicted", "portal_holds_it"), province.filter("d03_push_answered_exists")),
        (Entry("d04_one_status", "portal", "dossier", "TrangThaiHoSo", _text("4"), status, "status_differs", authority),
         one_status),
        (Entry("d07_last_update_missing_on_portal", "portal", "dossier", "TrangThaiHoSo", _text("2"), status,
               "status_differs", authority), stale),
        (Entry("d08_only_the_present_status", "provincial", "dossier", "TrangThaiHoSoId", status,
               _text(f"5 on {PAST_DAY:%Y-%m-%d}"), "rebuilt", "supplements_tell_the_past"), waited),
    ]  # fmt: skip


def _times(province: pl.DataFrame, told: pl.DataFrame, office: pl.DataFrame, at: datetime) -> Planted:
    finish, due, force = moment.finish(at), moment.due_shown(at), moment.due_in_force(at)
    done = province.filter(pl.col("finished") < at)
    by = pl.col("finish_recovered_by")
    before = pl.col("finish_before_receipt")
    edited = province.filter(
        (pl.col("edited") < at).fill_null(False) | ((pl.col("sent") < at) & ~pl.col("letter_counts")).fill_null(False)
    )
    within = pl.col("finished") - pl.col("received") < pl.duration(minutes=5)
    overwritten = portal.wire(pl.col("received"))
    skewed = portal.wire(pl.col("received") + pl.duration(minutes="skew_minutes"))
    here, there = ("provincial", "dossier"), ("portal", "dossier")
    first = pl.when("letter_counts").then(pl.lit("letter_in_time")).otherwise(pl.lit("date_in_force_before_it_passed"))
    return [
        (Entry("d04_due_empty_on_portal", *there, "NgayHenTra", _text(""), force, "due_date_missing_on_portal", "province_tells"),
         told.filter("d04_due_empty_on_portal")),
        (Entry("d04_finish_empty", *here, "NgayKetThucXuLy", _text(""), finish, "recovered", by),
         done.filter("d04_finish_empty")),
        (Entry("d09_finish_year_one", *here, "NgayKetThucXuLy", year_one(), finish, "recovered", by),
         done.filter("d09_finish_year_one")),
        (Entry("d09_due_year_one", *here, "NgayHenTra", year_one(), force, "recovered", pl.col("due_recovered_by")),
         province.filter("d09_due_year_one")),
        (Entry("d12_finish_before_receipt", *here, "NgayKetThucXuLy", before, finish, "recovered", by),
         done.filter("d12_finish_before_receipt")),
        (Entry("d12_due_edited_after_it_passed", *here, "NgayHenTra", due, force, "never_rescues", first), edited),
        (Entry("d12_finished_within_minutes", *here, "NgayKetThucXuLy", finish, finish, "suspicious", "counts"),
         done.filter(within, pl.col("tranche") < 2, by.is_null())),
        (Entry("d05_submitted_overwritten", *there, "NgayNopHoSo", overwritten, pl.col("submitted"), "submitted_differs",
               "province_tells"), told.filter("d05_submitted_overwritten")),
        (Entry("d11_clock_skew", *there, "NgayTiepNhan", skewed, pl.col("received"), "received_differs", "province_tells"),
         told.filter("d11_clock_skew")),
        (Entry("x03_office_due_unreadable", "one_stop", pl.col("stream"), "Ngày hẹn trả", _text("chưa hẹn"), force,
               "field_quarantined", "province_tells"), office.filter("x03_office_due_unreadable")),
    ]  # fmt: skip


def _plain_fields(world: World, province: pl.DataFrame, told: pl.DataFrame) -> Planted:
    channel = pl.col("channel")
    elsewhere = (
        pl.when("in_one_stop")
        .then(pl.lit("one_stop"))
        .when("in_portal")
        .then(pl.lit("portal"))
        .otherwise(pl.lit("direct"))
    )
    spelt = pl.lit(pl.Series(world.scene.units.spellings())).gather(pl.col("unit") * SPELLINGS + pl.col("d06_spelling"))
    names = pl.lit(pl.Series([unit.agency for unit in world.scene.units.rows])).gather("unit")
    by = pl.when("portal_only").then(pl.lit("name_alone")).otherwise(pl.lit("unit_by_code"))
    there = ("portal", "dossier")
    return [
        (Entry("d05_channel_empty_in_province", "provincial", "dossier", "KenhThucHien", _text(""), channel, "filled",
               elsewhere), province.filter("d05_channel_empty_in_province")),
        (Entry("d05_channel_empty_on_portal", *there, "KenhThucHien", _text(""), channel, "filled", "province_tells"),
         told.filter("d05_channel_empty_on_portal")),
        (Entry("d06_unit_spelt_otherwise", *there, "DonViXuLy", spelt, names, "unit_found", by),
         told.filter(pl.col("d06_spelling") > 0)),
        (Entry("d10_json_in_text", *there, "DSKetNoiCSDL", _text('["3","7"]'), _text("3|7"), "decoded", "json_in_text"),
         told.filter("d10_json_in_text")),
    ]  # fmt: skip


def _outside(world: World, province: pl.DataFrame, told: pl.DataFrame, office: pl.DataFrame, at: datetime) -> Planted:
    """Known to nobody, deleted, come too late or corrected: what the exact figures leave out, or take in later."""
    lost = pl.col("tranche") == UNREADABLE
    after = pl.col("due_first") + pl.duration(days=14)
    empty, nothing = _text(""), pl.lit(None, dtype=pl.String)
    return [
        (Entry("x01_receipt_unreadable", "provincial", "dossier", "NgayTiepNhan", empty, nothing, "row_quarantined",
               "beyond_recovery", False), province.filter(lost)),
        (Entry("x01_receipt_unreadable", "one_stop", pl.col("stream"), "Ngày tiếp nhận", _text("31/02/2023 08:00"), nothing,
               "row_quarantined", "beyond_recovery", False), office.filter(lost)),
        (Entry("x02_key_unreadable", "portal", "dossier", "MaHoSo", empty, nothing, "row_quarantined", "beyond_recovery",
               False), told.filter(lost)),
        (Entry("x04_deleted", "provincial", "dossier", "DeletedOn", pl.col("received") + pl.duration(hours=1), nothing,
               "deleted", "tombstone", False), province.filter(pl.col("tranche") == DELETED)),
        (Entry("x05_supplement_deleted", "provincial", "supplement", "NgayHenTraMoi", after, moment.due_in_force(at),
               "never_rescues", "tombstone"), provincial.mistaken_supplements(world, at)),
        (Entry("x09_late_delivery", "one_stop", pl.col("stream"), "Số hồ sơ", pl.col("own_code"), pl.col("code"),
               "late_arrival", "counts_from_its_delivery"), office.filter(pl.col("tranche") == LATE_ARRIVAL)),
        (Entry("x10_finish_corrected", "provincial", "dossier", "NgayKetThucXuLy", pl.col("finished"),
               pl.col("finish_corrected"), "correction", "newest_version"), province.filter(pl.col("corrected") < at)),
    ]  # fmt: skip


def paper_entries(world: World, at: datetime) -> pl.DataFrame:
    """Planted in decisions and queue files, which belong to no dossier."""
    catalogue = world.scene.catalogue
    rows: list[tuple[object, ...]] = []
    for place, decision in enumerate(catalogue.decisions):
        if decision.signed >= at.date():
            continue
        for new in sorted(set(decision.new) & decision.uncoded):
            procedure = catalogue.procedures[new]
            rows.append(("x06_new_without_code", "decisions", "new_procedure", "", "Mã TTHC", "", procedure.code,
                         "code_found", "name_and_field", True))  # fmt: skip
        if place == NO_EFFECT_ON_PORTAL:
            rows.append(("x07_effect_missing_on_portal", "portal", "decision", "", "NGAYHIEULUC", "",
                         f"{decision.effective}", "differs", "decision_file_tells", True))  # fmt: skip
    for day in unreadable_days():
        rows.append(("x08_ticket_time_lost", "centre", "ticket", "", "Lấy số", "lỗi máy", "", "row_quarantined",
                     f"line of {day}", False))  # fmt: skip
    schema = dict.fromkeys(COLUMNS[:-1], pl.String) | {"in_totals": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def make_coverage(world: World, at: datetime) -> pl.DataFrame:
    """Which systems hold which dossier at T, under which codes; `counted` are those inside the exact figures."""
    late = (pl.col("tranche") != LATE_ARRIVAL) | pl.lit(one_stop.late_arrivals_known(at))
    agencies = pl.lit(pl.Series([unit.agency for unit in world.scene.units.rows])).gather("unit")
    named = pl.when(pl.col("tranche") != UNREADABLE).then("portal_code").otherwise(pl.lit(""))
    return (
        world.dossiers.filter(pl.col("received") < at, late)
        .select(
            dossier_code="code",
            agency=agencies,
            received="received",
            counted=pl.col("tranche").is_in([DELETED, UNREADABLE]).not_(),
            in_provincial="in_provincial",
            in_one_stop="in_one_stop",
            in_portal="in_portal",
            provincial_code=pl.when("in_provincial").then("provincial_code"),
            provincial_alias=pl.when("in_provincial").then("alias"),
            one_stop_code=pl.when("in_one_stop").then("own_code"),
            portal_code=pl.when("in_portal").then(named),
            portal_second_code=pl.when("d07_twice_on_portal").then("code"),
        )
        .sort("received", "dossier_code")
    )  # fmt: skip
