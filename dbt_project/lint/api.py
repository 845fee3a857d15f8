"""dbt's classes for models that name a table themselves.

Belongs here: their names as text. Does not: tables.
"""


class Relation:
    """A table by its name."""

    @staticmethod
    def create(database: str, schema: str, identifier: str) -> str:
        """How it is written in a statement."""
        return f"{schema}.{identifier}"
