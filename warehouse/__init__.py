"""What lives in PostgreSQL: the embedded server, roles and schemas, landing, the release store.

Belongs here: SQL and the thin Python around it. Does not: knowledge of any source's format, Dagster, dbt or Great
Expectations.
"""
