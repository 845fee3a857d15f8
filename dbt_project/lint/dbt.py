"""dbt's cross-database macros, as far as the models use them.

Belongs here: their PostgreSQL spelling. Does not: macros of our own.
"""


def type_string() -> str:
    """The type of text."""
    return "text"


def type_bigint() -> str:
    """The type of a large whole number."""
    return "bigint"


def listagg(measure: str, delimiter: str, order_by: str) -> str:
    """Text of many rows in one, in an order."""
    return f"string_agg({measure}, {delimiter} {order_by})"
