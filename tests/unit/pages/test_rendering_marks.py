"""Sentences with commands in them, as pages write them.

Belongs here: that. Does not: whole pages (tests/integration).
"""

from __future__ import annotations

from reporting.pages.rendering import marked


def test_what_stands_between_backquotes_is_code_and_all_of_it_is_escaped() -> None:
    assert marked("run `motcua verify A & B` now") == "run <code>motcua verify A &amp; B</code> now"
    assert marked("<b> and `<len>`") == "&lt;b&gt; and <code>&lt;len&gt;</code>"
    assert marked("nothing to mark") == "nothing to mark"
