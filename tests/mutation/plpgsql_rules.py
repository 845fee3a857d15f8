"""What may be done to the text of a function of the database: one word or one statement at a time.

Belongs here: rules on text, since sqlglot does not parse PL/pgSQL. Does not: queries it parses (sql_rules), or running them.
Strings that a function executes are text like the rest of it, so that the statements in them are mutated too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

#: Comments, messages, and the column of a query that is only asked whether it has rows.
_SILENT = re.compile(r"--[^\n]*|raise exception '[^']*'|exists \(select 1 ")
#: What is found, as a word of its own, and what may stand in its place.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"is not distinct from", ("is distinct from",)),
    (r"is distinct from", ("is not distinct from", "<>")),
    (r"is not true", ("is true", "is false")),
    (r"is not null", ("is null",)),
    (r"is null", ("is not null",)),
    (r"not exists", ("exists",)),
    (r"(?<!not )exists(?= \()", ("not exists",)),
    (r"not (?=\w)(?!exists|found|distinct|true|null)", ("",)),
    (r"not found", ("found",)),
    (r"and", ("or",)),
    (r"or(?! replace)", ("and",)),
    (r"left join", ("inner join",)),
    (r"inner join", ("left join",)),
    (r"true", ("false",)),
    (r"false", ("true",)),
    (r"'pass'", ("'fail'",)),
    (r"'fail'", ("'pass'", "'hold'")),
    (r"'hold'", ("'warn'", "'fail'")),
    (r"'warn'", ("'hold'",)),
    (r"union all", ("except all",)),
    (r"share mode", ("access share mode",)),
    (r"\$1", ("$1 - 1",)),
    (r"max|min", ("avg",)),
)
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?<![<>:=|-])=(?![=>])", ("<>",)),
    (r"<>", ("=",)),
    (r"<=", ("<", ">")),
    (r">=", (">", "<")),
    (r"(?<![<>=-])>(?![>=])", (">=", "<=")),
    (r"(?<![<>=-])<(?![<>=])", ("<=", ">=")),
    (r" \+ ", (" - ",)),
    (r"(?<![\w$%.'])[01](?![\w$.])", ("2",)),
)
_BETWEEN = r"(?<!\w){}(?!\w)"
_STATEMENT = re.compile(r"(?<=\n)[ ]*(?:perform|insert into|execute|raise exception|return|update|delete from)\b[^;]*;")
_ASSIGNMENT = re.compile(r"(?<=\n)[ ]*(?!name := )\w+(?:\.\w+)? := [^;]*;")
_CONDITION = re.compile(r"(?<=\n)(?P<open>[ ]*if\b)(?P<what>.*?)(?P<close>\bthen\b)", re.S)
_CONJUNCT = re.compile(r"\b(?:and|or) (?P<what>[^\n();]+?)(?=\n|;| then\b| and\b| or\b|\) as\b|$)")
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Mutation:
    """A body with one change; the name says on which line what became what."""

    name: str
    body: str


def mutations(body: str) -> Iterator[Mutation]:
    """All mutants of a function's body, each named apart."""
    seen: Counter[str] = Counter()
    silent = [match.span() for match in _SILENT.finditer(body)]
    for begin, end, instead, told in _edits(body):
        if any(since <= begin and end <= until for since, until in silent) or body[begin:end] == instead:
            continue
        name = f"{told} in: {_line(body, begin)}"
        seen[name] += 1
        again = f" #{seen[name]}" if seen[name] > 1 else ""
        yield Mutation(name + again, body[:begin] + instead + body[end:])


def _edits(body: str) -> Iterator[tuple[int, int, str, str]]:
    """Where from and to, what instead, and in words."""
    patterns = [(_BETWEEN.format(f"(?:{word})"), others) for word, others in _WORDS]
    for pattern, others in (*patterns, *_SIGNS):
        for match in re.finditer(pattern, body):
            for other in others:
                yield *match.span(), other, f"{match.group().strip()} -> {other.strip()}"
    for pattern in (_STATEMENT, _ASSIGNMENT):
        for match in pattern.finditer(body):
            yield *match.span(), " null;", "drop statement"
    for match in _CONDITION.finditer(body):
        for always in ("true", "false"):
            yield *match.span("what"), f" {always} ", f"if {always}"
    for match in _CONJUNCT.finditer(body):
        yield *match.span(), "", f"drop {match.group().strip()}"


def _line(body: str, place: int) -> str:
    """The line a change begins on, cut when it is long."""
    begin = place + len(body[place:]) - len(body[place:].lstrip())
    line = body[body.rfind("\n", 0, begin) + 1 : (body + "\n").find("\n", begin)].strip()
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"
