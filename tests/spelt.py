"""Numbers as a Vietnamese paper prints them, written apart from the program so that its spelling can be compared.

Belongs here: that. Does not: tests.
"""

from __future__ import annotations


def as_printed(value: float, *, percent: bool = False) -> str:
    """339981 as 339.981; per cent 99.68 as 99,68%, without noughts at the end."""
    whole, _, decimals = f"{value:.2f}".partition(".")
    groups = []
    while whole:
        groups.append(whole[-3:])
        whole = whole[:-3]
    decimals = decimals.rstrip("0")
    return ".".join(reversed(groups)) + (f",{decimals}" if decimals else "") + ("%" if percent else "")
