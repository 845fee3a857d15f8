"""dbt's adapter: a dispatched macro is linted as a call of a function of its name.

Belongs here: dispatch. Does not: the macros.
"""

from collections.abc import Callable

TYPES = {"type_instant": "timestamptz"}


def dispatch(name: str) -> Callable[..., str]:
    """A stand-in for the macro of that name."""
    return lambda *parts: TYPES.get(name) or f"{name}({', '.join(map(str, parts))})"
