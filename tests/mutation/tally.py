"""What came of a subject's mutants, and the table of all of them.

Belongs here: counting and laying out. Does not: making or trying mutants.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutation.reviewed import reviewed_of


@dataclass(frozen=True, slots=True)
class Tally:
    """One subject: how many mutants were tried, and which of them no test told from the original."""

    subject: str
    mutants: int
    survivors: frozenset[str]

    @property
    def equivalent(self) -> frozenset[str]:
        """Survivors that were reviewed."""
        return self.survivors & reviewed_of(self.subject)

    @property
    def unreviewed(self) -> list[str]:
        """Survivors that nobody has looked at: a test is missing, or a reason."""
        return sorted(self.survivors - reviewed_of(self.subject))

    @property
    def outdated(self) -> list[str]:
        """Reviewed mutants that are none any more, or that a test kills by now."""
        return sorted(reviewed_of(self.subject) - self.survivors)

    def holds(self) -> None:
        """Fails when the review and the survivors are not the same."""
        assert self.mutants > 0, f"{self.subject}: nothing was mutated"
        assert self.unreviewed == [], f"{self.subject}: survived"
        assert self.outdated == [], f"{self.subject}: reviewed and no survivor"


def table(tallies: list[Tally]) -> list[str]:
    """Lines of the table: subject, mutants, killed, equivalent (reviewed), survived; and their sums."""
    rows = [
        (t.subject, t.mutants, t.mutants - len(t.survivors), len(t.equivalent), len(t.unreviewed))
        for t in sorted(tallies, key=lambda tally: tally.subject)
    ]
    sums = [sum(row[column] for row in rows) for column in range(1, 5)]
    widest = max([len(row[0]) for row in rows] + [len("subject")])
    head = f"{'subject':{widest}} {'mutants':>8} {'killed':>8} {'equivalent':>11} {'survived':>9}"
    return [head, *(_line(widest, *row) for row in [*rows, ("all", *sums)])]


def _line(widest: int, subject: str, mutants: int, killed: int, equivalent: int, survived: int) -> str:
    return f"{subject:{widest}} {mutants:8,} {killed:8,} {equivalent:11,} {survived:9,}"
