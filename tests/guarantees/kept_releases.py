"""Kept releases read again, whole, and held against what was recorded of them.

Belongs here: reading a release from the current and the superseded rows. Does not: making releases (partial_runs.py).
"""

from __future__ import annotations

import json
from typing import Any

from tests.conftest import Deployed
from warehouse import releases


def _as_it_was(deployed: Deployed, release_id: int) -> dict[str, Any]:
    """A release read from the current tables and the history beside them."""
    relations = {
        name: {
            "relation": f"(select {', '.join(columns)} from marts.{name} where release_from <= {release_id} union all"
            f" select {', '.join(columns)} from history.{name}"
            f" where release_from <= {release_id} and release_to > {release_id})",
            "columns": columns,
        }
        for name, columns in deployed.ask("select name, columns from release.mart order by name")
    }
    [(content,)] = deployed.ask("select release.content_of(%s)", json.dumps(relations))
    return dict(content)


def _as_people_read_it(deployed: Deployed, release_id: int) -> dict[str, Any]:
    """The same through the views of marts_as_of."""
    relations = {
        name: {"relation": f"marts_as_of.{name}", "columns": columns}
        for name, columns in deployed.ask("select name, columns from release.mart")
    }
    with deployed.database.connect() as connection:
        connection.execute("select release.read_as_of(%s)", (release_id,))
        [(content,)] = connection.execute("select release.content_of(%s)", (json.dumps(relations),)).fetchall()
    return dict(content)


def assert_every_release_reads_as_recorded(deployed: Deployed) -> None:
    """Each release that passed, against the hashes on record: from the tables, and as people read it."""
    for release in (one for one in releases.list_releases(deployed.database) if one.verdict == "pass"):
        assert _as_it_was(deployed, release.release_id) == release.content, release.release_id
        assert _as_people_read_it(deployed, release.release_id) == release.content, release.release_id
