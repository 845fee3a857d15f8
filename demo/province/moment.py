"""What is so at an instant T: due date, status, finish and last change, as expressions over the dossier frame.

Belongs here: the one place where T cuts a life; half-open, so what happens at T has not happened. Does not: columns of
any system.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

NOTHING = pl.lit(None, dtype=pl.Datetime("us"))


def happened(name: str, at: datetime) -> pl.Expr:
    """The instant if it lies before T, else null."""
    return pl.when(pl.col(name) < at).then(pl.col(name))


def finish(at: datetime) -> pl.Expr:
    """The finish as recorded at T: a correction replaces it."""
    corrected = pl.when(pl.col("corrected") < at).then(pl.col("finish_corrected"))
    return pl.coalesce(corrected, happened("finished", at))


def due_shown(at: datetime) -> pl.Expr:
    """NgayHenTra as it stands, whoever changed it last and however late."""
    return pl.coalesce(
        pl.when(pl.col("edited") < at).then("due_edited"),
        pl.when(pl.col("sent") < at).then("due_letter"),
        due_by_rule(at),
    )


def due_by_rule(at: datetime) -> pl.Expr:
    """First promise, or counted anew from the supplement."""
    return pl.when(pl.col("answered") < at).then("due_answered").otherwise("due_first")


def due_in_force(at: datetime) -> pl.Expr:
    """The date that judges: changes count only when made before the date then in force had passed."""
    letter = pl.when(pl.col("letter_counts") & (pl.col("sent") < at)).then("due_letter")
    return pl.coalesce(letter, due_by_rule(at))


def waiting(at: datetime) -> pl.Expr:
    """5 waiting for a supplement, 6 for a payment, 8 suspended; null otherwise. Only of what is open."""

    def within(begin: str, end: str) -> pl.Expr:
        return (pl.col(begin) < at) & ~(pl.col(end) < at).fill_null(False)

    return (
        pl.when(within("asked", "answered"))
        .then(pl.lit(5, dtype=pl.Int8))
        .when(within("paused_from", "paused_to"))
        .then(pl.col("pause_kind"))
    )


def status(at: datetime) -> pl.Expr:
    """The provincial system's own status, the national enumeration."""

    def code(value: int) -> pl.Expr:
        return pl.lit(value, dtype=pl.Int8)

    return (
        pl.when(pl.col("returned") < at)
        .then(code(10))
        .when(pl.col("finished") < at)
        .then(code(9))
        .when(pl.col("closed") < at)
        .then(pl.col("closed_kind"))
        .when(waiting(at).is_not_null())
        .then(waiting(at))
        .when(pl.col("taken_up") < at)
        .then(code(4))
        .otherwise(code(2))
    )


def changed(at: datetime) -> pl.Expr:
    """The last thing before T that altered the dossier's row."""
    names = (
        "received", "taken_up", "asked", "answered", "paused_from", "paused_to", "sent", "edited", "finished", "returned",
        "closed", "corrected",
    )  # fmt: skip
    return pl.max_horizontal(*(happened(name, at) for name in names))
