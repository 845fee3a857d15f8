"""A period's figures as the paragraph a provincial paper prints, in Vietnamese, each number with its explanation's id.

Belongs here: choosing wordings and laying them out as text, Markdown or JSON. Does not: the wordings (brief.yml), the figures
(brief_figures.py), or how a number is spelt (numerals.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contracts.failures import UsageError
from reporting.brief_figures import PERCENT, Figure
from reporting.figure_ids import FigureId
from reporting.forms import BriefForm, Language
from reporting.labels import label
from reporting.layout import gap_in_words
from reporting.numerals import count_vi, day_vi, percent_vi, sentence_case
from reporting.published import Body

WORDINGS = Path(__file__).parent / "brief.yml"
_BRACES = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say a sentence, and which of its figures must not be nought for it."""

    text: str
    above_zero: tuple[str, ...]

    def named(self) -> list[str]:
        """What it has in braces, in order."""
        return _BRACES.findall(self.text)


@dataclass(frozen=True, slots=True)
class Brief:
    """Whose figures of which period and release; `paragraphs` still have figures in braces, `figures` the told ones in order."""

    body: Body
    period: Mapping[str, Any]
    heading: str
    paragraphs: tuple[str, ...]
    figures: tuple[Figure, ...]
    gaps: tuple[dict[str, Any], ...]


@cache
def wordings() -> tuple[tuple[tuple[Wording, ...], ...], ...]:
    """Paragraphs of sentences of wordings, as brief.yml has them."""
    return tuple(
        tuple(
            tuple(Wording(entry["text"], tuple(entry.get("above_zero", ()))) for entry in sentence)
            for sentence in paragraph
        )
        for paragraph in _told()["paragraphs"]
    )


def names_vi() -> dict[str, str]:
    """What each definition is called."""
    return dict(_told()["figures"])


@cache
def _told() -> dict[str, Any]:
    return dict(yaml.safe_load(WORDINGS.read_text(encoding="utf-8")))


def compose(
    body: Body, period: Mapping[str, Any], figures: Mapping[str, Figure], gaps: Sequence[dict[str, Any]]
) -> Brief:
    """The brief of a period from what is published of it. Raises UsageError when that is nothing."""
    said = {
        "body": body.name_vi, "period": str(period["name_vi"]), "Period": sentence_case(str(period["name_vi"])),
        "first_day": day_vi(period["period_from"]), "last_day": day_vi(period["period_to"] - timedelta(days=1)),
    }  # fmt: skip
    paragraphs = []
    for sentences in wordings():
        chosen = [text for wordings_of_it in sentences if (text := _first_that_holds(wordings_of_it, figures, said))]
        if chosen:
            paragraphs.append(" ".join(chosen))
    if not paragraphs:
        raise UsageError(
            f"nothing is published of {body.jurisdiction} in {period['period']}",
            hint="`motcua release show` lists what is.",
        )
    told = dict.fromkeys(name for paragraph in paragraphs for name in _BRACES.findall(paragraph))
    heading = str(_told()["heading"]).format_map(said)
    return Brief(body, period, heading, tuple(paragraphs), tuple(figures[name] for name in told), tuple(gaps))


def _first_that_holds(choices: Sequence[Wording], figures: Mapping[str, Figure], said: Mapping[str, str]) -> str | None:
    """The first wording whose figures are all there, with everything but the figures filled in."""
    for choice in choices:
        there = all(name in figures or name in said for name in choice.named())
        if there and all(figures[name].value > 0 for name in choice.above_zero):
            return _BRACES.sub(lambda found: said.get(found[1], found[0]), choice.text)
    return None


def spelt(figure: Figure) -> str:
    """The figure's value as it is printed."""
    return percent_vi(figure.value) if figure.id.definition in PERCENT else count_vi(int(figure.value))


def laid_out(brief: Brief, form: BriefForm) -> str:
    """The whole page in the form asked for."""
    if form is BriefForm.json:
        return _as_json(brief)
    return _as_markdown(brief) if form is BriefForm.markdown else _as_text(brief)


def _filled(brief: Brief, mark: str) -> list[str]:
    """Paragraphs with their numbers; `mark` has {n} where the number of the explanation's id goes."""
    numbered = {
        figure.id.definition: spelt(figure) + mark.replace("{n}", str(place))
        for place, figure in enumerate(brief.figures, 1)
    }
    return [_BRACES.sub(lambda found: numbered[found[1]], paragraph) for paragraph in brief.paragraphs]


def _as_text(brief: Brief) -> str:
    lines = [brief.heading, ""]
    lines += [line for paragraph in _filled(brief, " [{n}]") for line in (paragraph, "")]
    lines.append(f"{sentence_case(label('release', Language.vi))} {brief.body.release_id}")
    lines += [f"[{place}] {_source_of(figure)}" for place, figure in enumerate(brief.figures, 1)]
    return "\n".join([*lines, *_gaps_told(brief, "  ")])


def _as_markdown(brief: Brief) -> str:
    lines = [f"# {brief.heading}", ""]
    lines += [line for paragraph in _filled(brief, "[^{n}]") for line in (paragraph, "")]
    lines += [f"*{sentence_case(label('release', Language.vi))} {brief.body.release_id}*", ""]
    lines += [f"{line}\n" if line.endswith(":") else line for line in _gaps_told(brief, "- ")[1:]]
    lines += [""] if brief.gaps else []
    lines += [f"[^{place}]: {_source_of(figure, '`')}" for place, figure in enumerate(brief.figures, 1)]
    return "\n".join(lines)


def _source_of(figure: Figure, quote: str = "") -> str:
    """The id first, then what it is and the published cell it stands in."""
    cell = figure.cell
    told = f"marts.{cell.table}, {' + '.join(cell.columns)}"
    return f"{quote}{figure.id}{quote}: {names_vi()[figure.id.definition]} ({told})"


def _gaps_told(brief: Brief, bullet: str) -> list[str]:
    if not brief.gaps:
        return []
    head = sentence_case(label("gaps", Language.vi)) + ":"
    return ["", head, *[f"{bullet}{gap_in_words(gap, Language.vi)}" for gap in brief.gaps]]


def figure_told(brief: Brief, wanted: FigureId, form: BriefForm) -> str:
    """One figure of the brief and the published cell it stands in. Raises UsageError when the brief does not tell it."""
    found = [figure for figure in brief.figures if figure.id == wanted]
    if not found:
        told = ", ".join(str(figure.id) for figure in brief.figures)
        raise UsageError(f"release {brief.body.release_id} tells no figure {wanted}", hint=f"There are: {told}")
    [figure] = found
    if form is BriefForm.json:
        return json.dumps({"release": brief.body.release_id, **_figure_as_json(figure)}, ensure_ascii=False, indent=2)
    release = f"{label('release', Language.vi)} {brief.body.release_id}, row_key {figure.cell.row_key}"
    return f"{spelt(figure)}\n{_source_of(figure, '`' if form is BriefForm.markdown else '')}\n{release}"


def _as_json(brief: Brief) -> str:
    told = {
        "jurisdiction": brief.body.jurisdiction, "period": brief.period["period"], "release": brief.body.release_id,
        "heading": brief.heading, "paragraphs": _filled(brief, ""),
        "figures": [_figure_as_json(figure) for figure in brief.figures], "gaps": list(brief.gaps),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=2)


def _figure_as_json(figure: Figure) -> dict[str, Any]:
    return {
        "id": str(figure.id), "definition": figure.id.definition, "policy": figure.id.policy,
        "name": names_vi()[figure.id.definition], "value": _number(figure), "spelt": spelt(figure),
        "table": figure.cell.table, "row_key": figure.cell.row_key, "columns": list(figure.cell.columns),
    }  # fmt: skip


def _number(figure: Figure) -> int | float:
    return float(figure.value) if figure.id.definition in PERCENT else int(figure.value)
