"""The portal's stand-in keeps the time it is given, however often it is started.

Belongs here: its clock. Does not: what the extractor makes of a clock that is wrong (tests/integration/portal).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo.portal.server import Gateway, Setup

GIVEN = datetime(2023, 7, 1, tzinfo=UTC)


def test_a_given_clock_stands_and_is_the_same_when_started_anew(tmp_path: Path) -> None:
    """One that ran was behind itself after a restart: lists read then began to hold earlier, and all was built again."""
    first = Gateway(Setup(tmp_path, now=GIVEN))
    time.sleep(0.01)
    assert first.clock() == Gateway(Setup(tmp_path, now=GIVEN)).clock() == GIVEN


def test_without_one_it_is_now(tmp_path: Path) -> None:
    assert abs(Gateway(Setup(tmp_path)).clock() - datetime.now(UTC)) < timedelta(minutes=1)
