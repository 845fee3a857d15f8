"""Charts as inline SVG: drawn by Altair and vl-convert, coloured by the page's style sheet.

Belongs here: marks, scales and the one look all charts share. Does not: the values, their names, or the words beside a chart.
Colours are written as stand-ins (#0000a1 …) that the page's style sheet replaces, so that a chart is dark in a dark page
and black on paper. What names a chart for those who hear it stands outside it, so the marks carry no words of their own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from reporting.forms import Language
from reporting.pages.model import Chart

#: Stand-ins: the accent, its quiet companion, text, faint text, lines.
ACCENT, QUIET, TEXT, FAINT, LINE = "#0000a1", "#0000a2", "#0000a3", "#0000a4", "#0000a5"
_WIDTH = 640
_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
_LOCALES: dict[Language, dict[str, Any]] = {
    Language.vi: {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
    Language.en: {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
}
#: What Vega says of its marks in English, its name spaces, and the style that a size in CSS would have to overrule.
_SAID = re.compile(r' (?:aria-[a-z]+|role|xmlns(?::\w+)?|version|class|style|pointer-events)="[^"]*"')
_ROOT = re.compile(r'<svg width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*">')

Record = dict[str, Any]


def bars_side_by_side(
    records: Sequence[Record], names: tuple[str, str], language: Language, told: tuple[str, str, str]
) -> Chart:
    """Two bars for each `where`: records have where, series (one of `names`) and value. `told`: name, title, description."""
    order = list(dict.fromkeys(record["where"] for record in records))
    chart = (
        alt.Chart(_values(records))
        .mark_bar()
        .encode(
            x=alt.X("where:N", sort=order, title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(paddingInner=0.28)),
            xOffset=alt.XOffset("series:N", sort=list(names), scale=alt.Scale(paddingInner=0.08)),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format=",d", tickCount=4)),
            color=_two_colours(names),
        )
        .properties(width=_WIDTH, height=220)
    )
    return _drawn(chart, language, told)


def line(records: Sequence[Record], language: Language, told: tuple[str, str, str]) -> Chart:
    """A line through every `where` with a point and its value written above it (`spelt`)."""
    order = [record["where"] for record in records]
    base = alt.Chart(_values(records)).encode(
        x=alt.X("where:N", sort=order, title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(padding=0.5)),
        y=alt.Y(
            "value:Q", title=None, scale=alt.Scale(domain=_around([record["value"] for record in records]), nice=False),
            axis=alt.Axis(tickCount=4, format=".2~f"),
        ),
    )  # fmt: skip
    drawn = base.mark_line(color=ACCENT, strokeWidth=2) + base.mark_point(color=ACCENT, filled=True, size=50, opacity=1)
    # Above the point, or below it where the line comes down to it, so that no line goes through a number.
    low = {record["where"] for record in _valleys(records)}
    above = base.transform_filter(
        alt.FieldOneOfPredicate("where", [where for where in order if where not in low] or [""])
    )
    below = base.transform_filter(alt.FieldOneOfPredicate("where", sorted(low) or [""]))
    spelt = (
        part.mark_text(dy=distance, fontSize=12, color=TEXT).encode(text="spelt:N")
        for part, distance in ((above, -12), (below, 15))
    )
    return _drawn(alt.layer(drawn, *spelt).properties(width=_WIDTH, height=170), language, told)


def _valleys(records: Sequence[Record]) -> list[Record]:
    """Those below what stands beside them."""
    values = [record["value"] for record in records]
    around = [values[max(place - 1, 0) : place] + values[place + 1 : place + 2] for place in range(len(values))]
    return [record for record, beside in zip(records, around, strict=True) if all(record["value"] < v for v in beside)]


def bars(records: Sequence[Record], language: Language, told: tuple[str, str, str]) -> Chart:
    """A lying bar for each `where`, in the order given, its value written behind it (`spelt`)."""
    order = [record["where"] for record in records]
    base = alt.Chart(_values(records)).encode(
        y=alt.Y("where:N", sort=order, title=None, axis=alt.Axis(labelLimit=300)),
        x=alt.X("value:Q", title=None, axis=None, scale=alt.Scale(domainMin=0)),
    )
    drawn = base.mark_bar(color=ACCENT)
    spelt = base.mark_text(align="left", dx=5, fontSize=12, color=TEXT).encode(text="spelt:N")
    size = {"width": _WIDTH - 200, "height": max(60, 24 * len(order))}
    return _drawn(alt.layer(drawn, spelt).properties(**size), language, told)


def dots(records: Sequence[Record], language: Language, told: tuple[str, str, str]) -> Chart:
    """A dot for each `where` on a scale that does not begin with nought, its value written behind it (`spelt`)."""
    order = [record["where"] for record in records]
    base = alt.Chart(_values(records)).encode(
        y=alt.Y("where:N", sort=order, title=None, axis=alt.Axis(labelLimit=320, grid=True, gridDash=[1, 3])),
        x=alt.X(
            "value:Q", title=None, axis=alt.Axis(tickCount=5, format=".2~f", grid=False),
            scale=alt.Scale(domain=_around([record["value"] for record in records]), nice=False),
        ),
    )  # fmt: skip
    drawn = base.mark_point(color=ACCENT, filled=True, size=60, opacity=1)
    spelt = base.mark_text(align="left", dx=9, fontSize=12, color=TEXT).encode(text="spelt:N")
    size = {"width": _WIDTH - 220, "height": max(60, 22 * len(order))}
    return _drawn(alt.layer(drawn, spelt).properties(**size), language, told)


def parts(records: Sequence[Record], names: tuple[str, str], language: Language, told: tuple[str, str, str]) -> Chart:
    """A lying bar for each `where`, made of two `series` of `value`."""
    order = list(dict.fromkeys(record["where"] for record in records))
    chart = (
        alt.Chart(_values(records))
        .mark_bar()
        .encode(
            y=alt.Y("where:N", sort=order, title=None, axis=alt.Axis(labelLimit=300)),
            x=alt.X("value:Q", title=None, axis=alt.Axis(format=",d", tickCount=4)),
            color=_two_colours(names),
            order=alt.Order("place:Q"),
        )
        .properties(width=_WIDTH - 200, height=max(60, 34 * len(order)))
    )
    return _drawn(chart, language, told)


def _values(records: Sequence[Record]) -> Any:
    return alt.Data(values=list(records))  # type: ignore[no-untyped-call]


def _two_colours(names: tuple[str, str]) -> alt.Color:
    scale = alt.Scale(domain=list(names), range=[ACCENT, QUIET])
    legend = alt.Legend(orient="top", title=None, symbolType="square", labelFontSize=12)
    return alt.Color("series:N", sort=list(names), scale=scale, legend=legend)


def _around(values: Sequence[float]) -> list[float]:
    """A scale of per cent that shows differences: from below the least to above the most, never beyond 0 and 100."""
    least, most = min(values), max(values)
    room = max((most - least) * 0.35, 0.05)
    return [round(max(least - room, 0), 4), round(min(most + room, 100), 4)]


def _drawn(chart: alt.Chart | alt.LayerChart | alt.FacetChart, language: Language, told: tuple[str, str, str]) -> Chart:
    name, title, description = told
    axis = {
        "labelFont": _FONT, "labelFontSize": 12, "labelColor": FAINT, "domainColor": LINE, "tickColor": LINE,
        "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 6,
    }  # fmt: skip
    spec = (
        chart.configure(background="transparent", font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_legend(labelFont=_FONT, labelColor=TEXT)
        # Each part was validated as it was made; to validate the whole again took half of the time.
        .to_dict(validate=False)
    )
    drawn = vl_convert.vegalite_to_svg(spec, format_locale=_LOCALES[language])
    return Chart(name, title, description, _inline(drawn, name, title, description))


def _inline(drawn: str, name: str, title: str, description: str) -> str:
    """The SVG as it stands in a page: named, described, as wide as there is room, without a word or address of Vega's own."""
    plain = _SAID.sub("", drawn)
    found = _ROOT.match(plain)
    if found is None or "http" in plain or " id=" in plain:
        raise RuntimeError(f"the chart {name} is not drawn as expected: {plain[:200]}")
    begin = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {found[1]} {found[2]}"'
        f' preserveAspectRatio="xMidYMid meet" style="max-width:{found[1]}px">'
        f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-desc">{html.escape(description)}</desc>'
    )
    return begin + plain[found.end() :]
