"""The page that lies in every pack, in Vietnamese and English: what this folder is and how to check it (readme.md).

Belongs here: naming the release and the key in it. Does not: figures; nothing in it depends on when the pack was made, or
where.
"""

from __future__ import annotations

from pathlib import Path

_PAGE = Path(__file__).with_name("readme.md")


def readme(release_id: int, key_id: str) -> str:
    """The page of a release's pack."""
    return _PAGE.read_text(encoding="utf-8").format(release=release_id, key=key_id)
