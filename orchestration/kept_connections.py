"""dbt's connections to PostgreSQL, kept open from one node of a build to the next.

Belongs here: how dbt holds them. Does not: which server, as whom (dbt_project/profiles.yml), or when dbt is called
(orchestration/dbt_project).
"""

from __future__ import annotations

from typing import Any

import psycopg2
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter


class KeptConnections(PostgresConnectionManager):  # type: ignore[misc]  # dbt is not typed
    """dbt opens a connection a node: over 200 a build, each a process of the server's that knows no table yet.

    Here each thread of dbt's keeps its own until dbt ends, and a node finds it as a new one would be: in no transaction,
    without temporary tables, in the role that the profile names.
    """

    @classmethod
    def open(cls, connection: Any) -> Any:
        """Connects. The role is committed at once: it was set in a transaction that a node's end may roll back."""
        opened = super().open(connection)
        opened.handle.commit()
        return opened

    def release(self) -> None:
        """Makes the thread's connection ready for its next node; one that is broken is closed, and the next is new."""
        connection = self.get_if_exists()
        if connection is None or connection.state != "open":
            return
        try:
            connection.handle.rollback()
            with connection.handle.cursor() as cursor:
                cursor.execute("discard temporary")
            connection.handle.commit()
        except psycopg2.Error:
            super().release()
            self.clear_thread_connection()
        else:
            connection.transaction_open = False


def keep_connections() -> None:
    """From now on, in this process."""
    PostgresAdapter.ConnectionManager = KeptConnections
