"""What a release is made from against what a run compares before it builds nothing.

Belongs here: that no table of the deployment is forgotten there. Does not: runs (promise 6 tests that a second one stands).
"""

from __future__ import annotations

import inspect
import re

from orchestration.settings import PROJECT
from warehouse.contacts import standing_inputs


def test_every_table_of_the_deployment_counts() -> None:
    """A calendar or label that changed, and was not looked at, would leave the old release standing."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "warehouse" / "schema").glob("*.sql"))
    tables = set(re.findall(r"create table if not exists reference\.(\w+)", scripts))
    assert len(tables) > 10
    looked_at = set(re.findall(r"from reference\.(\w+)", inspect.getsource(standing_inputs)))
    assert tables - looked_at == set()
