"""When a dossier counts under a figure, said a second time: apart from the models whose sums are published.

Belongs here: conditions on d (fct_dossier), v (fct_dossier_verdict), p (dim_policy), j (dim_jurisdiction) and an instant, as
docs/metrics.md defines them; and of a period, at which of its ends they are asked. Does not: running them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

_RESOLVED = "v.resolved_at < %(cut_off)s and (v.closed_otherwise_at is null or v.closed_otherwise_at >= %(cut_off)s)"
_PENDING = (
    "(v.resolved_at is null or v.resolved_at >= %(cut_off)s)"
    " and (v.closed_otherwise_at is null or v.closed_otherwise_at >= %(cut_off)s)"
)
_EXCEEDED = "coalesce(v.exceeded_at < %(cut_off)s, false)"
_OVERDUE = (
    f"case when {_EXCEEDED} then true when p.compares = 'instant' then v.due_at < %(cut_off)s"
    " else (v.due_at at time zone j.zone)::date < (%(cut_off)s::timestamptz at time zone j.zone)::date end"
)


def _waits(*pairs: tuple[str, str]) -> str:
    """It waits at the cut-off: more of these requests than answers before it, of one kind (fct_dossier_event)."""
    events = ", ".join(f"'{event}'" for pair in pairs for event in pair)
    more = " or ".join(
        f"count(*) filter (where e.event = '{request}') > count(*) filter (where e.event = '{answer}')"
        for request, answer in pairs
    )
    return (
        "d.dossier_key in (select e.dossier_key from marts.fct_dossier_event as e"
        f" where e.happened_at < %(cut_off)s and e.event in ({events}) group by e.dossier_key having {more})"
    )


_FOR_SUPPLEMENT = _waits(("supplement_requested", "supplement_received"))
_PAUSED = _waits(("payment_requested", "payment_settled"), ("stopped", "resumed"))
_LENIENT = "p.missing_due = 'in_time'"
#: The figures of fct_timeliness by name, each of dossiers received before the cut-off.
FIGURES: Mapping[str, str] = MappingProxyType({
    "received": "true",
    "resolved": _RESOLVED,
    "early": f"{_RESOLVED} and v.verdict = 'early'",
    "on_due_day": f"{_RESOLVED} and v.verdict = 'on_due_day'",
    "on_time": f"{_RESOLVED} and v.verdict in ('early', 'on_due_day')",
    "late": f"{_RESOLVED} and v.verdict = 'late'",
    "resolved_no_due": f"{_RESOLVED} and v.verdict = 'no_due'",
    "pending": _PENDING,
    "pending_in_time": f"{_PENDING} and coalesce(not ({_OVERDUE}), {_LENIENT})",
    "pending_overdue": f"{_PENDING} and coalesce({_OVERDUE}, false)",
    "pending_no_due": f"{_PENDING} and v.due_at is null and not ({_LENIENT}) and not {_EXCEEDED}",
    "pending_waiting": f"{_PENDING} and {_FOR_SUPPLEMENT}",
    "pending_paused": f"{_PENDING} and {_PAUSED} and not {_FOR_SUPPLEMENT}",
    "closed_otherwise": "v.closed_otherwise_at < %(cut_off)s",
})  # fmt: skip

#: What happened between two ends is what counts at the second less what counted at the first; what is open is of one end.
Asked = Literal["between", "begin", "end"]


@dataclass(frozen=True, slots=True)
class Term:
    """A condition, when it is asked, and what it counts besides: only dossiers handed in online, or only others."""

    figure: str
    asked: Asked
    channel: Literal["online", "other"] | None = None


_FLOWING = ("resolved", "early", "on_due_day", "late", "resolved_no_due", "closed_otherwise")
_STANDING = ("pending", "pending_in_time", "pending_overdue", "pending_no_due")
#: What a period is counted by (II.06a, rates), by name.
TERMS: Mapping[str, Term] = MappingProxyType({
    "received": Term("received", "between"),
    "received_online": Term("received", "between", "online"),
    "received_direct_postal": Term("received", "between", "other"),
    "carried_over": Term("pending", "begin"),
    **{name: Term(name, "between") for name in _FLOWING},
    **{name: Term(name, "end") for name in _STANDING},
})  # fmt: skip


#: What each column of II.06a adds up, where it is not one term of its own name.
_SUMS_II06A: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "received_total": ("received", "carried_over"),
    "resolved_total": ("resolved",),
    "on_time": ("on_due_day", "resolved_no_due"),
    "pending_total": ("pending",),
    "pending_in_time": ("pending_in_time", "pending_no_due"),
})  # fmt: skip


def terms_of_ii06a(column: str) -> tuple[str, ...]:
    """The terms that a column of form II.06a adds up (circular 01/2020/TT-VPCP, docs/metrics.md)."""
    return _SUMS_II06A.get(column, (column,))


def expression(term: Term, begin: str, end: str) -> str:
    """What one dossier received before `end` adds under a term, as SQL: 1, 0, or -1 where it counted before and no more.

    That it was received by then is for the query to ask, so that what is of one end alone is of the verdicts alone.
    """
    condition = FIGURES[term.figure].replace("marts.", "")
    if term.channel is not None:
        condition += " and ch.kind " + ("= 'online'" if term.channel == "online" else "is distinct from 'online'")
    flags = []
    for name in _ends(term, begin, end):
        flag = f"coalesce({_at(condition, name)}, false)"
        flags.append(f"({flag})::int" if name == end else f"(d.received_at < %({name})s and {flag})::int")
    return "(" + " - ".join(flags) + ")"


def of_verdict(term: Term, begin: str, end: str) -> str | None:
    """What must be true of a dossier's verdict for the term to add anything, as SQL; None where nothing must.

    What one end takes away depends on the dossier: with this said apart, a query leaves most verdicts out before it looks for
    their dossiers (all but 1,085 of 346,141 where late ones are counted).
    """
    if term.figure == "received":
        return None
    condition = _PENDING if term.figure.startswith("pending") else FIGURES[term.figure]
    if term.asked == "begin":
        return f"(d.received_at < %({begin})s and {_at(condition, begin)})"
    return " or ".join(f"({_at(condition, name)})" for name in _ends(term, begin, end))


def _ends(term: Term, begin: str, end: str) -> tuple[str, ...]:
    return {"between": (end, begin), "begin": (begin,), "end": (end,)}[term.asked]


def _at(condition: str, instant: str) -> str:
    return condition.replace("%(cut_off)s", f"%({instant})s")
