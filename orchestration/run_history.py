"""Dagster's run history in SQLite files that stay open while a run writes to them.

Belongs here: that storage. Does not: where the files lie (orchestration/instance), or what the events say.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

import sqlalchemy
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

#: A run writes to its own file and to the index; a web page reads those of other runs too.
KEPT_OPEN = 4
SECONDS_TO_WAIT_FOR_A_LOCK = 20
INDEX = "index"


class OpenEvents(SqliteEventLogStorage):
    """Dagster's storage opens a file and makes an engine for every statement, which is then compiled and planned anew.

    A run has about a thousand events: 5 s of processor time, more than dbt needs for all its models. Kept open: 1 s.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._kept: dict[str, sqlalchemy.Engine] = {}
        self._one_at_a_time = threading.Lock()
        self._known_tables: set[str] = set()
        self._known_columns: set[str] = set()
        super().__init__(base_dir, inst_data)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[sqlalchemy.Connection]:
        """A transaction on a run's own events."""
        return self._transaction(str(run_id))

    def index_connection(self) -> AbstractContextManager[sqlalchemy.Connection]:
        """A transaction on what is kept of all runs together."""
        return self._transaction(INDEX)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table. Dagster opens the file for each of some hundred such questions a run; tables stay."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether assets have a column: asked twice an event, and answered by reading the table's description each time."""
        if column_name not in self._known_columns and super().has_asset_key_col(column_name):
            self._known_columns.add(column_name)
        return column_name in self._known_columns

    def _has_asset_key_col_on_connection(self, conn: sqlalchemy.Connection, column_name: str) -> bool:
        return column_name in self._known_columns or super()._has_asset_key_col_on_connection(conn, column_name)

    def wipe(self) -> None:
        """Removes the files, which must not be open then."""
        self._close()
        self._known_tables.clear()
        self._known_columns.clear()
        super().wipe()

    def dispose(self) -> None:
        """Closes the files."""
        self._close()
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[sqlalchemy.Connection]:
        with self._one_at_a_time, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        if shard not in self._kept:
            while len(self._kept) >= KEPT_OPEN:
                self._kept.pop(next(iter(self._kept))).dispose()
            with super()._connect(shard):
                pass  # Dagster's own way makes a new file's tables.
            self._kept[shard] = _opened(self.conn_string_for_shard(shard))
        return self._kept[shard]

    def _close(self) -> None:
        with self._one_at_a_time:
            while self._kept:
                self._kept.popitem()[1].dispose()


class RunHistory(DagsterSqliteStorage):
    """The files and folders are those of Dagster's default, so that either can go on with what the other wrote."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = OpenEvents(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Dagster's way from its configuration file to this class."""
        return cls.from_local(config_value["base_dir"], inst_data)


def _opened(address: str) -> sqlalchemy.Engine:
    engine = sqlalchemy.create_engine(
        address,
        poolclass=StaticPool,
        # The lock of the storage lets one thread at a time work.
        connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_LOCK, "check_same_thread": False},
    )
    sqlalchemy.event.listen(engine, "connect", _trust_the_machine)
    return engine


def _trust_the_machine(connection: sqlite3.Connection, _: Any) -> None:
    """Without a wait for the disk at each event: a power cut may lose the last ones and never damages the file (WAL)."""
    connection.execute("pragma synchronous = normal").close()
