"""YAML text as plain values, by the library's parser in C where it has one: ten times as fast as the one in Python.

Belongs here: the choice of the parser. Does not: reading files, or what any of them must hold.
"""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # A library built without libyaml: the same values, later.
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader", "parsed"]


def parsed(text: str) -> Any:
    """The one document in a text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=Loader)
