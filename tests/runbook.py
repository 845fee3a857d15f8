"""Files that a page of docs/runbooks shows whole: each stands under a comment with its name, in a fence.

Belongs here: cutting them out, so that tests use what the page says. Does not: what they must be.
"""

from __future__ import annotations

import re
import textwrap

from orchestration.settings import PROJECT

RUNBOOKS = PROJECT / "docs" / "runbooks"


def shown_files(page: str) -> dict[str, str]:
    """The files of a page by name, without the indentation of the list they stand in."""
    text = (RUNBOOKS / page).read_text(encoding="utf-8")
    found = re.findall(r"^ *<!-- ([\w.]+) -->\n *```\w+\n(.*?)^ *```$", text, re.M | re.S)
    return {name: textwrap.dedent(content) for name, content in found}
