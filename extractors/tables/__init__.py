"""Sources that are databases: tables read by SQL, in one consistent snapshot, as batches of kept text.

Belongs here: connecting, the SELECTs, paging, writing batches in the form KEPT_TABLE says. Does not: typing or judging
rows (the delimited reader does, as with any dropped file) or where a reading stood before (warehouse/contacts).

Run for real on PostgreSQL and on MariaDB. SQL Server and Oracle are compiled for and looked at, never connected to:
before a first reading there, try it on a copy.
"""

from extractors.tables.reader import TableReader, open_tables, read_table

__all__ = ["TableReader", "open_tables", "read_table"]
