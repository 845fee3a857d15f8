"""What the pipeline makes of each fault planted in ratings, payments and petitions, against the ledger.

Belongs here: checks that test_planted_faults.py asks, one a kind. Does not: counting services (test_services.py).
"""

from __future__ import annotations

import polars as pl

from tests.integration.province.made_province import Province


def a_rating_of_nobodys_dossier_is_counted_apart(province: Province, entries: pl.DataFrame) -> None:
    planted = sorted(row["planted_value"] for row in entries.to_dicts())
    found = province.ask("select record_code, unit_key, procedure_key from marts.fct_rating where dossier_key is null")
    assert sorted(found) == [(code, None, None) for code in planted]


def a_score_there_is_none_of_leaves_a_rating_without_one(province: Province, entries: pl.DataFrame) -> None:
    planted = entries.to_dicts()
    found = province.ask(
        "select d.dossier_code from marts.fct_rating as r inner join marts.fct_dossier as d"
        " on d.dossier_key = r.dossier_key where r.score is null and r.is_satisfied is null"
    )
    assert sorted(row[0] for row in found) == sorted(row["dossier_code"] for row in planted)
    told = province.ask(
        "select field, value, whole_row from raw.quarantine where source = 'provincial' and stream = 'rating'"
    )
    assert sorted(told) == sorted(("MucDoHaiLong", row["planted_value"], False) for row in planted)


def a_payment_recorded_twice_counts_once(province: Province, entries: pl.DataFrame) -> None:
    planted = entries.to_dicts()
    found = province.ask(
        "select d.dossier_code, p.request_number::text from marts.fct_payment as p"
        " inner join marts.fct_dossier as d on d.dossier_key = p.dossier_key where p.is_repetition"
    )
    assert sorted(found) == sorted((row["dossier_code"], row["planted_value"]) for row in planted)


def a_petition_answered_before_it_came_was_answered_at_no_known_time(province: Province, entries: pl.DataFrame) -> None:
    planted = entries.to_dicts()
    found = province.ask(
        "select petition_code, (stated_answered_at at time zone 'Asia/Ho_Chi_Minh')::text, answered_at"
        " from marts.fct_petition where verdict = 'time_unknown'"
    )
    ours = sorted((code, stated[:19], answered) for code, stated, answered in found)
    assert ours == sorted((row["expected"], row["planted_value"][:19], None) for row in planted)


SERVICE_CHECKS = {
    "x11_rating_of_unknown_dossier": a_rating_of_nobodys_dossier_is_counted_apart,
    "x12_rating_out_of_range": a_score_there_is_none_of_leaves_a_rating_without_one,
    "x13_payment_twice": a_payment_recorded_twice_counts_once,
    "x14_petition_answered_before_received": a_petition_answered_before_it_came_was_answered_at_no_known_time,
}
