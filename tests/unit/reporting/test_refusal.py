"""Why a run was refused, as a terminal shows it in either language.

Belongs here: words and layout. Does not: what failed (tests/unit/test_judged, tests/guarantees).
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from expectations.suite import Check, load_suite
from reporting.check_words import in_vietnamese
from reporting.forms import Form, Language
from reporting.refusal import print_judgement

SUITE = {check.name: check for check in load_suite()}
#: Letters that Vietnamese has and English has not.
_VIETNAMESE = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữự]", re.IGNORECASE)


def _told(check: Check | None, name: str) -> dict[str, Any]:
    failed: dict[str, Any] = {
        "check": name, "severity": "fail", "message": "3 rows", "overridden": None,
        "meaning": " ".join(check.reason.split()) if check else "gone", "expected": "no row", "observed": {}, "keys": 0,
        "first": [], "deliveries": [], "next": " ".join(check.hint.split()) if check else "gone",
    }  # fmt: skip
    return {
        "run_id": "r", "release_id": 4, "verdict": "fail", "outcome": "refused", "started_at": "2023-07-01", "problem": "",
        "reasons": [], "checks": 45, "failed": [failed], "landed_since": [],
    }  # fmt: skip


def test_every_check_says_in_vietnamese_why_and_what_to_do() -> None:
    assert list(in_vietnamese()) == list(SUITE)
    for name, (reason, hint) in in_vietnamese().items():
        assert _VIETNAMESE.search(reason) and _VIETNAMESE.search(hint), name
        assert len(hint.split()) > 3, name


@pytest.mark.parametrize("name", SUITE)
def test_both_languages_name_the_same_commands_and_columns(name: str) -> None:
    reason, hint = in_vietnamese()[name]
    for english, vietnamese in ((SUITE[name].reason, reason), (SUITE[name].hint, hint)):
        english = " ".join(english.split())
        for pattern in (r"`[^`]+`", r"\b[a-z]+_[a-z_.]+\b", r"docs/\S+\.md", r"\d+ = \d+(?: \+ \d+)*"):
            assert sorted(set(re.findall(pattern, vietnamese))) == sorted(set(re.findall(pattern, english))), pattern


@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_told_in_the_readers_language(capsys: pytest.CaptureFixture[str], language: Language) -> None:
    print_judgement(_told(SUITE["quarantined_share"], "quarantined_share"), Form.table, language)
    printed = " ".join(capsys.readouterr().out.split())
    vietnamese = "Những dòng không đọc được có thể nằm ở khu cách ly để sửa sau" in printed
    english = "What nobody could read may stand in quarantine" in printed
    assert (english, vietnamese) == (language is Language.en, language is Language.vi)
    assert "`motcua quarantine --source S`" in printed


def test_a_check_that_is_no_longer_in_the_suite_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_judgement(_told(None, "of_last_year"), Form.table, Language.vi)
    assert "Phép kiểm tra này không còn trong bộ kiểm tra hiện nay." in capsys.readouterr().out
