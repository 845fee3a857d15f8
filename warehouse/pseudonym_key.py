"""Which key personal values land under here: its fingerprint is noted once, and another key is refused.

Belongs here: that one row, written and read. Does not: the key itself, which never comes near the database
(orchestration/secrets).
"""

from __future__ import annotations

from contracts.failures import UsageError
from warehouse.database import Database
from warehouse.fault_points import reached


class PseudonymKeyChanged(UsageError):
    """The key is not the one that the landed pseudonyms were made with."""


def noted_fingerprint(database: Database) -> str | None:
    """The fingerprint of the key that personal values and the hashes of their records were made with; None before any."""
    with database.connect("motcua_inspector") as connection:
        row = connection.execute("select fingerprint from audit.pseudonym_key").fetchone()
    return None if row is None else str(row[0])


def hold_to_key(database: Database, fingerprint: str) -> None:
    """Notes the fingerprint of the deployment's key, the first time; later on raises PseudonymKeyChanged for another one.

    A changed key would make two people of everyone who comes again, without a sign of it anywhere.
    """
    with database.connect("motcua_loader") as connection:
        connection.execute(
            "insert into audit.pseudonym_key (fingerprint) values (%s) on conflict (only_row) do nothing",
            (fingerprint,),
        )
        row = connection.execute("select fingerprint, noted_at::date::text from audit.pseudonym_key").fetchone()
        reached("pseudonyms.key_noted")
    assert row is not None
    if row[0] != fingerprint:
        raise PseudonymKeyChanged(
            f"the pseudonym key has the fingerprint {fingerprint}; personal values have landed in {database.name} under"
            f" the key {row[0]} since {row[1]}",
            hint="Give the old key again (MOTCUA_PSEUDONYM_KEY or MOTCUA_PSEUDONYM_KEY_FILE). For a new key, land every"
            " delivery again in a new database: --database NAME.",
        )
