"""dbt's adapter: a dispatched macro is linted as a call of a function of its name.

Belongs here: dispatch. Does not: the macros.
"""

from collections.abc import Callable

#: What stands where no function is called: a type, a sub-query.
OTHERS = {"type_instant": "timestamptz", "rows_named": "(select 1 as found)", "edges_of": "select 1 as jurisdiction"}


def dispatch(name: str) -> Callable[..., str]:
    """A stand-in for the macro of that name."""
    return lambda *parts: OTHERS.get(name) or f"{name}({', '.join(map(str, parts))})"
