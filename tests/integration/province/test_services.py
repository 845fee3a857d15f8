"""What the small province's run says of ratings, petitions, payments, digitisation and Đề án 06, against what the
generator counted.

Belongs here: services of the whole province. Does not: planted faults
(service_faults.py), figures of timeliness, or the generator's own promises (tests/unit/demo/test_province_services.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from tests.integration.province.made_province import Province

#: Each fact with the raw tables its rows may come from.
FACTS = {
    "fct_rating": ("provincial__rating",),
    "fct_petition": ("provincial__petition",),
    "fct_payment": ("provincial__payment",),
    "fct_digitisation": ("provincial__dossier", "portal__dossier"),
}


def _figures(province: Province) -> list[str]:
    rows = province.ask(
        "select column_name from information_schema.columns where table_schema = 'marts'"
        " and table_name = 'fct_service_quality' and data_type = 'bigint' and column_name <> 'release_from'"
    )
    return sorted(str(row[0]) for row in rows)


def _sums(province: Province, condition: str, *values: object) -> dict[str, int]:
    names = _figures(province)
    listed = ", ".join(f"coalesce(sum(q.{name}), 0)::bigint" for name in names)
    [row] = province.ask(
        f"select {listed} from marts.fct_service_quality as q"
        f" left join marts.dim_unit as u on u.unit_key = q.unit_key and u.is_current where {condition}",
        *values,
    )
    return dict(zip(names, row, strict=True))


def _compared(ours: dict[str, int], theirs: dict[str, Any]) -> dict[str, tuple[int, Any]]:
    # What the generator never makes it does not count: petitions without a date.
    return {name: (value, theirs.get(name, 0)) for name, value in ours.items() if value != theirs.get(name, 0)}


def test_services_are_counted_as_they_were_made(province: Province) -> None:
    truth = province.truth()["services"]
    assert set(truth["total"]) == set(_figures(province)) - {"petitions_no_due"}
    assert _compared(_sums(province, "true"), truth["total"]) == {}
    assert all(truth["total"].values()), "a figure that is nought tells nothing"
    for month in truth["by_month"]:
        assert _compared(_sums(province, "to_char(q.month, 'YYYY-MM') = %s", month["month"]), month) == {}, month
    [(essential,)] = province.ask(
        "select count(distinct p.procedure_key) from marts.dim_procedure as p inner join marts.fct_catalogue_in_force as f"
        " on f.procedure_key = p.procedure_key and f.valid_to is null where p.is_essential"
    )
    assert essential == truth["essential_procedures_in_force"]


def test_services_of_every_district(province: Province) -> None:
    truth = province.truth()["services"]["by_district"]
    assert len(truth) == 11, "nine districts, the province's departments, and what belongs to no unit"
    for district in truth:
        if district["district"] == "none":
            ours = _sums(province, "q.unit_key is null")
        elif district["district"] == "province":
            ours = _sums(province, "u.level = 'province'")
        else:
            ours = _sums(
                province,
                "u.statistics_code = %s or u.parent_unit_key in"
                " (select unit_key from marts.dim_unit where statistics_code = %s and level = 'district')",
                district["district"], district["district"],
            )  # fmt: skip
        assert _compared(ours, district) == {}, district["district"]


def test_every_service_fact_leads_to_its_landed_row(province: Province) -> None:
    for fact, tables in FACTS.items():
        landed = " union all ".join(
            f"select d.source, d.file_sha256 as file, r._row_number, encode(r._row_sha256, 'hex') as row"
            f" from raw.{table} as r inner join audit.delivery as d on d.delivery_id = r._delivery_id"
            for table in tables
        )
        [(rows, led)] = province.ask(
            f"select count(*), count(l.file) from marts.{fact} as f left join ({landed}) as l on l.source = f.source"
            " and l.file = f.file_sha256 and l._row_number = f.row_number and l.row = f.row_sha256"
        )
        assert rows == led > 0, fact


def test_who_rated_or_petitioned_is_known_to_nobody(province: Province) -> None:
    """Phones land as pseudonyms, the same as for the dossier's applicant on the portal, and are not published at all."""
    for stream, table in (("rating", "DanhGiaHoSos"), ("petition", "PhanAnhKienNghis")):
        phones = set(pl.read_parquet(province.folder / "provincial" / f"{table}.parquet")["SoDienThoai"].drop_nulls())
        assert len(phones) > 10
        [(text, distinct)] = province.ask(
            f"select string_agg(t::text, ' '), count(distinct sodienthoai) from raw.provincial__{stream} as t"
        )
        assert not [phone for phone in phones if phone in text], stream
        assert distinct == len(phones)
        named = province.ask(
            "select count(*) from information_schema.columns where table_schema in ('marts', 'history', 'candidate')"
            " and table_name = %s and column_name ~ 'pseudonym|phone'", f"fct_{stream}",
        )  # fmt: skip
        assert named == [(0,)]
    assert province.ask(
        "select count(*) > 0 from raw.provincial__rating as r"
        " inner join raw.portal__dossier as p on p.sodienthoai = r.sodienthoai"
    ) == [(True,)]
