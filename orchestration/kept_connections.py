"""dbt's connections to PostgreSQL, kept open from one node of a build to the next.

Belongs here: how dbt holds them. Does not: which server, as whom (dbt_project/profiles.yml), or when dbt is called
(orchestration/dbt_project).
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
from dbt.adapters.postgres.connections import PostgresConnectionManager
from dbt.adapters.postgres.impl import PostgresAdapter

#: The handle that was made ready and not taken since (`ready`).
_OF_THIS_THREAD = threading.local()


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

    def set_connection_name(self, name: str | None = None) -> Any:
        """A node takes the thread's connection."""
        taken = super().set_connection_name(name)
        _OF_THIS_THREAD.ready = None
        return taken

    def release(self) -> None:
        """Makes the thread's connection ready for its next node; one that is broken is closed, and the next is new.

        dbt releases each node's twice. One that nobody took since it was made ready is ready still.
        """
        connection = self.get_if_exists()
        if connection is None or connection.state != "open":
            return
        handle = connection.handle
        if getattr(_OF_THIS_THREAD, "ready", None) is handle:
            return
        try:
            handle.rollback()
            # Outside a transaction: one message to the server instead of three.
            handle.autocommit = True
            with handle.cursor() as cursor:
                cursor.execute("discard temporary")
            handle.autocommit = False
        except psycopg2.Error:
            super().release()
            self.clear_thread_connection()
        else:
            connection.transaction_open = False
            _OF_THIS_THREAD.ready = handle


def keep_connections() -> None:
    """From now on, in this process."""
    PostgresAdapter.ConnectionManager = KeptConnections
