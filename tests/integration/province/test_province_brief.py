"""The brief of a province's half year: each claim of the article has its number in it, as published.

Belongs here: the command over a whole run. Does not: wordings and spelling (tests/unit/reporting/test_brief.py).
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import yaml

from demo.box import CONFIG
from tests.in_process import finished
from tests.integration.province.made_province import Province
from tests.spelt import as_printed


def _said(province: Province, *arguments: str) -> str:
    told = finished((*arguments, "--config", str(CONFIG), "--database", province.database.name), {})
    assert told.returncode == 0, told.stderr
    return told.stdout


def _number_at(text: str, name: str) -> str:
    """What stands before the mark that belongs to a figure's name."""
    [mark] = re.findall(rf"^\[(\d+)\] {re.escape(name)}: ", text, re.MULTILINE)
    [printed] = re.findall(rf"([\d.,]+%?) \[{mark}\]", text)
    return str(printed)


def test_every_claim_of_the_article_is_found_in_it(province: Province) -> None:
    claims = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["claims"]
    ours = {row["claim"]: row["ours"] for row in json.loads(_said(province, "claims", "--format", "json"))}
    assert len(claims) == len(ours) == 20
    text = _said(province, "brief", "--period", "2023H1")
    judged = {
        "received_in_period", "received_and_carried_over", "resolved_in_period", "resolved_on_time_in_period",
        "on_time_of_resolved",
    }  # fmt: skip
    for name, claim in claims.items():
        definition = claim["definition"]
        figure = f"thai_nguyen/2023H1/{definition}" + ("/day" if definition in judged else "")
        assert _number_at(text, figure) == as_printed(
            ours[name], percent=definition.endswith(("_rate", "on_time_of_resolved"))
        ), name
    # And what does not shrink with the scale is the article's own number.
    for printed in ("30", "746", "365", "381", "1.878", "1.464", "286", "128", "73", "59", "9", "177", "100%"):
        assert re.search(rf"(?<![\d.,]){re.escape(printed)} \[\d+\]", text), printed


def test_dossiers_are_those_the_province_was_made_of(province: Province) -> None:
    half = province.truth()["half_year"]
    text = _said(province, "brief", "--period", "2023H1")
    for definition, name in {
        "received_in_period": "received", "resolved_in_period": "resolved", "resolved_on_time_in_period": "on_time",
        "late_in_period": "late", "carried_over": "opening", "pending_at_end": "pending", "overdue_at_end": "pending_overdue",
    }.items():  # fmt: skip
        assert _number_at(text, f"thai_nguyen/2023H1/{definition}/day") == as_printed(half[name]), definition


def test_each_figure_names_the_cell_it_stands_in(province: Province) -> None:
    told = json.loads(_said(province, "brief", "--period", "2023H1", "--format", "json"))
    assert len(told["figures"]) > 20
    keys = {
        "rpt_form_ii06a": "form_row_key",
        "rpt_rate": "rate_key",
        "rpt_form_ii07b": "period_key",
        "rpt_claim": "claim_key",
    }
    for figure in told["figures"]:
        [(value,)] = province.ask(
            f"select {' + '.join(figure['columns'])} from marts.{figure['table']} where {keys[figure['table']]} = %s",
            figure["row_key"],
        )
        assert Decimal(str(figure["value"])) == value, figure["id"]
    # By its id a figure is found again, also in a kept release.
    by_id = json.loads(
        _said(province, "brief", "--figure", told["figures"][3]["id"], "--release", "1", "--format", "json")
    )
    assert by_id == {"release": told["release"], **told["figures"][3]}


def test_a_quarter_of_which_nothing_is_claimed(province: Province) -> None:
    told: dict[str, Any] = json.loads(_said(province, "brief", "--period", "2023Q1", "--format", "json"))
    assert told["paragraphs"][0].startswith("Quý I năm 2023, tổng số hồ sơ được tiếp nhận là ")
    assert "Hết ngày 31/3/2023, còn " in told["paragraphs"][0]
    assert {figure["table"] for figure in told["figures"]} == {"rpt_form_ii06a", "rpt_rate", "rpt_form_ii07b"}
