"""dbt's cross-database macros, as far as the models use them.

Belongs here: their PostgreSQL spelling. Does not: macros of our own.
"""


def type_string() -> str:
    """The type of text."""
    return "text"


def type_bigint() -> str:
    """The type of a large whole number."""
    return "bigint"
