"""Which sizes of the province the demonstration takes: those over which a whole run is published.

Belongs here: the command line's bounds. Does not: that the smallest is published (tests/integration/province).
"""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from demo.__main__ import app


def test_a_province_that_the_gate_would_refuse_is_not_begun(tmp_path: Path) -> None:
    folder = tmp_path / "province"
    refused = CliRunner().invoke(app, ["province", "--folder", str(folder), "--scale", "0.009"])
    assert refused.exit_code == 2
    assert "0.01" in refused.output
    assert not folder.exists()
