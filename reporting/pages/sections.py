"""The page's sections about dossiers: headline figures, their course, ranking, lateness, channels.

Belongs here: which numbers stand in them, in which order. Does not: other sections (account.py), forms, or HTML.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reporting.pages import charts
from reporting.pages.addresses import CHANNELS, STEPS, anchor
from reporting.pages.model import Card, Chart, Column, Number, Row, Section, Table, Target
from reporting.pages.told import Told
from reporting.pages.words import definition_name, title

#: The figures of the page's head, in their order, and how many of them are told large.
HEADLINES = (
    "received_in_period", "resolved_in_period", "on_time_of_resolved", "resolved_on_time_in_period", "late_in_period",
    "pending_at_end", "overdue_at_end", "carried_over", "visits_in_period", "decisions_signed", "in_force_at_end",
    "with_workflow_rate",
)  # fmt: skip
_LEADING = 3
COURSE = (
    "received_in_period", "resolved_in_period", "resolved_on_time_in_period", "late_in_period", "on_time_of_resolved",
    "pending_at_end", "overdue_at_end",
)  # fmt: skip
#: Units beyond these stand in the table alone.
_MOST_DOTS = 40
_MOST_FIELDS = 15


def headline(told: Told) -> Section | None:
    """The main period's figures."""
    main = told.release.main
    if main is None or not main.figures:
        return None
    shown = [name for name in HEADLINES if name in main.figures]
    cards = tuple(
        Card(
            title(definition_name(name, told.language)), told.figure(main, name), _course_of(told, name), "",
            name in HEADLINES[:_LEADING],
        )
        for name in shown
    )  # fmt: skip
    return Section("headline", told.head("section_headline"), period_told(told), cards=cards)


def period_told(told: Told) -> str:
    """The main period and its days."""
    assert told.release.main is not None
    period = told.release.main.period
    last = period["period_to"].fromordinal(period["period_to"].toordinal() - 1)
    sentence = told.word(
        "period_told", period=told.name_of(period), first=told.day(period["period_from"]), last=told.day(last)
    )
    return title(sentence) + "."


def _course_of(told: Told, name: str) -> tuple[int | Decimal, ...]:
    values = [told.figure(of, name).value for of in told.release.course]
    return () if len(values) < 3 or None in values else tuple(value for value in values if value is not None)


def over_time(told: Told) -> Section | None:
    """The same figures period by period."""
    course = told.release.course
    names = [name for name in COURSE if any(name in of.figures for of in course)]
    if not names:
        return None
    columns = (
        Column(told.head("the_period")),
        *(_numeric(title(definition_name(name, told.language))) for name in names),
    )
    rows = tuple(Row((title(told.name_of(of.period)), *(told.figure(of, name) for name in names))) for of in course)
    table = Table(told.head("caption_trend"), columns, rows, name="trend")
    lead = told.word("lead_trend")
    return Section("trend", told.head("section_trend"), lead, blocks=(*_course_charts(told), table))


def _course_charts(told: Told) -> Iterator[Chart]:
    course = told.release.course
    short = [_short(told.name_of(of.period)) for of in course]
    names = ("received_in_period", "resolved_in_period")
    called = (definition_name(names[0], told.language), definition_name(names[1], told.language))
    values = {name: [told.figure(of, name).value for of in course] for name in (*names, "on_time_of_resolved")}
    counted = {name: [int(value) for value in values[name] if value is not None] for name in names}
    if all(len(counted[name]) == len(course) for name in names):
        records = [
            {"where": where, "series": series, "value": counted[name][place]}
            for place, where in enumerate(short)
            for name, series in zip(names, called, strict=True)
        ]
        said = {
            f"{name.removesuffix('_in_period')}_{which}": told.spelt(of(counted[name]))
            for name in names
            for which, of in (("least", min), ("most", max))
        }
        words = ("chart-trend", told.head("chart_trend_title"), told.word("chart_trend_desc", **said))
        yield charts.bars_side_by_side(records, called, told.language, words)
    rates = [Decimal(value) for value in values["on_time_of_resolved"] if value is not None]
    if len(rates) == len(course):
        spelt = [told.spelt(rate, "percent") for rate in rates]
        records = [
            {"where": where, "value": float(rate), "spelt": text}
            for where, rate, text in zip(short, rates, spelt, strict=True)
        ]
        words = (
            "chart-rate", told.head("chart_rate_title"), told.word("chart_rate_desc", first=spelt[0], last=spelt[-1])
        )  # fmt: skip
        yield charts.line(records, told.language, words)


def _short(name: str) -> str:
    """A period's name as it fits below a bar: without the year, which all of them share or the table says."""
    for sign in (" năm ", " of "):
        head, found, tail = name.partition(sign)
        if found and tail.strip().isdigit():
            return head
    head, _, tail = name.rpartition(" ")
    return head if tail.isdigit() and head else name


def ranking(told: Told) -> Section | None:
    """Units within their levels."""
    by_level: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in told.release.ranking:
        by_level[row["level"]].append(row)
    if not by_level:
        return None
    blocks: list[Chart | Table] = []
    for level, rows in by_level.items():
        drawn = _ranking_chart(told, level, rows)
        blocks += [_ranking_table(told, level, rows)] if drawn is None else [drawn, _ranking_table(told, level, rows)]
    return Section("ranking", told.head("section_ranking"), told.word("lead_ranking"), blocks=tuple(blocks))


def _ranking_table(told: Told, level: str | None, rows: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column(told.label("unit_name")), _numeric(told.label("unit_rank")), _numeric(told.label("on_time_rate")),
        _numeric(told.label("on_time")), _numeric(told.label("judged")), _numeric(told.label("rank_change")),
    )  # fmt: skip
    made = tuple(
        Row(
            (
                str(row["unit_name"] or row["unit"]), told.ranked(row, "unit_rank", "place"),
                told.ranked(row, "on_time_rate", "percent"), told.ranked(row, "on_time"), told.ranked(row, "judged"),
                told.ranked(row, "rank_change", "change"),
            )
        )
        for row in rows
    )  # fmt: skip
    named = (
        told.head("caption_ranking_none")
        if level is None
        else told.head("caption_ranking", level=_lower(told.level(level)))
    )
    return Table(named, columns, made, name=f"ranking-{level or 'none'}")


def _ranking_chart(told: Told, level: str | None, rows: Sequence[Mapping[str, Any]]) -> Chart | None:
    ranked = [row for row in rows if row["on_time_rate"] is not None]
    if not 2 <= len(ranked) <= _MOST_DOTS:
        return None
    rates = [Decimal(row["on_time_rate"]) * 100 for row in ranked]
    spelt = [told.spelt(rate, "percent") for rate in rates]
    records = [
        {"where": str(row["unit_name"] or row["unit"]), "value": float(rate), "spelt": text}
        for row, rate, text in zip(ranked, rates, spelt, strict=True)
    ]
    words = (
        f"chart-ranking-{level or 'none'}", told.head("chart_ranking_title", level=_lower(told.level(level))),
        told.word("chart_ranking_desc", best=spelt[0], worst=spelt[-1]),
    )  # fmt: skip
    return charts.dots(records, told.language, words)


def lateness(told: Told) -> Section | None:
    """Late by field, and steps over their time."""
    blocks: list[Chart | Table] = []
    late = late_fields(told) if told.release.forms else []
    if late:
        blocks += [_fields_chart(told, late), _fields_table(told, late)]
    steps = steps_by_name(told)
    if steps:
        drawn = _steps_chart(told, steps)
        blocks += [_steps_table(told, steps)] if drawn is None else [drawn, _steps_table(told, steps)]
    if not told.release.forms and not steps:
        return None
    notes = () if late or not told.release.forms else (told.word("caption_fields_none"),)
    lead = told.word("lead_lateness") if steps else told.word("lead_lateness_fields")
    return Section("lateness", told.head("section_lateness"), lead, blocks=tuple(blocks), notes=notes)


def late_fields(told: Told) -> list[Mapping[str, Any]]:
    """Lines of II.06a by field of which something was late, the most first; a total order."""
    late = [row for row in told.release.forms["fields"] if row["row_kind"] == "line" and row["late"]]
    return sorted(late, key=lambda row: (-row["late"], row["row_place"]))


def _fields_table(told: Told, late: Sequence[Mapping[str, Any]]) -> Table:
    columns = (
        Column(told.head("the_field")), Column(told.head("the_level")), _numeric(told.label("late")),
        _numeric(told.label("resolved")), _numeric(told.label("pending_overdue")),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                _field(told, row), told.level(row["level"], "fields"), told.cell(row, "late", "fields"),
                told.cell(row, "resolved_total", "fields"), told.cell(row, "pending_overdue", "fields"),
            )
        )
        for row in late
    )  # fmt: skip
    return Table(told.head("caption_fields"), columns, rows, name="late-fields")


def _fields_chart(told: Told, late: Sequence[Mapping[str, Any]]) -> Chart:
    records = [
        {
            "where": f"{_field(told, row)} ({_lower(told.level(row['level'], 'fields'))})", "value": row["late"],
            "spelt": told.spelt(row["late"]),
        }
        for row in late[:_MOST_FIELDS]
    ]  # fmt: skip
    said = told.word("chart_fields_desc", name=records[0]["where"], most=records[0]["spelt"])
    return charts.bars(records, told.language, ("chart-fields", told.head("chart_fields_title"), said))


def steps_by_name(told: Told) -> dict[str, dict[str, int]]:
    """Each step's sums over units and months."""
    summed: dict[str, dict[str, int]] = {}
    for row in told.release.steps:
        of = summed.setdefault(row["workflow_step"], {"steps": 0, "steps_over": 0, "over_minutes": 0})
        for name in of:
            of[name] += row[name]
    return summed


def _steps_table(told: Told, steps: Mapping[str, Mapping[str, int]]) -> Table:
    columns = (
        Column(told.head("the_step")), _numeric(told.head("steps_told")), _numeric(told.head("steps_over_told")),
        _numeric(told.head("hours_over")),
    )  # fmt: skip
    rows = tuple(
        Row(
            (
                step,
                *(Number(of[name], "count", Target(STEPS, anchor(step))) for name in ("steps", "steps_over")),
                Number(of["over_minutes"] // 60, "hours", Target(STEPS, anchor(step))),
            )
        )
        for step, of in steps.items()
    )
    return Table(told.head("caption_steps"), columns, rows, name="steps")


def _steps_chart(told: Told, steps: Mapping[str, Mapping[str, int]]) -> Chart | None:
    shares = {step: Decimal(of["steps_over"]) * 100 / of["steps"] for step, of in steps.items() if of["steps"]}
    if not shares:
        return None
    records = [
        {"where": step, "value": float(share), "spelt": told.spelt(share, "percent")} for step, share in shares.items()
    ]
    most = max(shares, key=lambda step: (shares[step], step))
    said = told.word("chart_steps_desc", name=most, most=told.spelt(shares[most], "percent"))
    return charts.bars(records, told.language, ("chart-steps", told.head("chart_steps_title"), said))


def channels(told: Told) -> Section | None:
    """Online, direct and by post: in the period by level, and up to the last cut-off by channel."""
    release = told.release
    if release.cut_off is None:
        return None
    blocks: list[Chart | Table] = []
    if release.forms:
        summed = [row for row in release.forms["levels"] if row["row_kind"] != "line"]
        blocks.append(_levels_chart(told, [row for row in summed if row["row_kind"] == "group"]))
        blocks.append(_levels_table(told, summed))
    blocks.append(channel_table(told))
    name = "lead_channels" if release.forms else "lead_channels_no_period"
    lead = told.word(name, cut_off=told.instant(release.cut_off))
    return Section("channels", told.head("section_channels"), lead, blocks=tuple(blocks))


def _levels_table(told: Told, summed: Sequence[Mapping[str, Any]]) -> Table:
    names = ("received_online", "received_direct_postal")
    columns = (Column(told.head("the_level")), *(_numeric(told.head(name)) for name in names))
    rows = tuple(
        Row(
            (
                told.label("form_total") if row["row_kind"] == "total" else told.level(row["level"]),
                *(told.cell(row, name, "levels") for name in names),
            ),
            role=row["row_kind"] if row["row_kind"] == "total" else "line",
        )
        for row in summed
    )
    return Table(told.head("caption_channels_levels"), columns, rows, name="channels-levels")


def _levels_chart(told: Told, groups: Sequence[Mapping[str, Any]]) -> Chart:
    names = ("received_online", "received_direct_postal")
    called = (told.head(names[0]), told.head(names[1]))
    records = [
        {"where": told.level(row["level"]), "series": series, "value": row[name], "place": place}
        for row in groups
        for place, (name, series) in enumerate(zip(names, called, strict=True))
    ]
    words = ("chart-channels", told.head("chart_channels_title"), told.word("chart_channels_desc"))
    return charts.parts(records, called, told.language, words)


CHANNEL_FIGURES = ("received", "resolved", "on_time", "late", "pending")


def channel_table(told: Told) -> Table:
    """Each channel at the last cut-off."""
    assert told.release.cut_off is not None
    columns = (
        Column(told.label("channel")), *(_numeric(told.label(name)) for name in CHANNEL_FIGURES),
        _numeric(told.label("on_time_rate")),
    )  # fmt: skip
    rows = []
    for row in told.release.channels:
        target = Target(CHANNELS, anchor(row["channel"]))
        rate = None if row["on_time_rate"] is None else Decimal(str(row["on_time_rate"])) * 100
        numbers = [Number(row[name], "count", target) for name in CHANNEL_FIGURES]
        rows.append(Row((channel_name(told, row), *numbers, Number(rate, "percent", target))))
    caption = told.head("caption_channels", cut_off=told.instant(told.release.cut_off))
    return Table(caption, columns, tuple(rows), name="channels")


def channel_name(told: Told, row: Mapping[str, Any]) -> str:
    """What a channel is called: its source's own name, or its kind where that is but a number."""
    kind = told.word(f"channel_{row['kind']}")
    return f"{title(kind)} ({row['channel']})" if row["channel"].isdigit() else f"{row['channel']} ({kind})"


def _field(told: Told, row: Mapping[str, Any]) -> str:
    return str(row["label"] or told.word("no_field"))


def _numeric(text: str) -> Column:
    return Column(text, numeric=True)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
