"""Deliveries of three systems made at random: dossiers under codes that change, steps that move, lists that say otherwise.

Belongs here: making them and putting them into the raw tables, as a landing would. Does not: building models, assertions.
The alphabets are small on purpose: what is rare in a province (two dossiers under one other code, a step that moves to
another record, a name that comes to stand for another ward) happens here in every delivery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
from psycopg import sql

FAMILIES = 250
BEGIN = datetime(2023, 3, 1, tzinfo=UTC)
_UNITS = (
    (1, "H55.1", "Sở A"),
    (2, "H55.2", "Phường Một"),
    (3, "000.00.3.H55", "Phường Hai"),
    (4, "H55.4", "Phường Ba"),
)
_PROCEDURES = ("1.001", "1.002", "1.003", "1.004")
Row = dict[str, Any]


_WAITS, _ASKED, _GOES_ON = (f"H55.1-2303-{number}" for number in (9001, 9003, 9004))


def _ended(code: str) -> Callable[[datetime], Row]:
    """A dossier that is finished before its due date, so that no build looks at it again for the instant it is as of."""
    return lambda at: {
        "mahoso": code, "donviid": 1, "kenhthuchien": "1", "matthc": _PROCEDURES[0], "trangthaihosoid": "9",
        "ngaytiepnhan": at - timedelta(hours=50), "ngayhentrabandau": at + timedelta(hours=500),
        "ngayhentra": at + timedelta(hours=500), "ngayketthucxuly": at - timedelta(hours=30), "updatedon": at,
    }  # fmt: skip


def _waits_still(at: datetime) -> Row:
    """A request to it that nobody answers, and that lasts until whatever instant a build is as of."""
    return {"id": 9001, "mahoso": _WAITS, "ngaybosung": at - timedelta(hours=40), "updatedon": at}


def _asked_late(at: datetime) -> Row:
    """A request to a finished dossier of which nothing else is told that day."""
    return {"id": 9003, "mahoso": _ASKED, "ngaybosung": at - timedelta(hours=150), "updatedon": at}


def _step_to_come(at: datetime) -> Row:
    """A step of a finished dossier that begins between the last two instants that builds are as of."""
    return {
        "id": 9004, "mahoso": _GOES_ON, "thoigian": BEGIN + timedelta(days=5), "trangthai": "4", "nodequytrinh": "a",
        "thoihanbuocxuly": 240, "thaotac": "x", "updatedon": at,
    }  # fmt: skip


def _there_alone(at: datetime) -> Row:
    """A finished record of the portal under a code of its own, a dossier for itself as long as nobody says otherwise."""
    return {
        "mahoso": "G09.1-9002", "matthc": _PROCEDURES[0], "kenhthuchien": "2", "donvixuly": "Tổ 1",
        "trangthaihoso": "9", "ngaytiepnhan": at - timedelta(hours=20), "ngayketthucxuly": at - timedelta(hours=10),
        "ngaycapnhat": at,
    }  # fmt: skip


def _claims_it(at: datetime) -> Row:
    """The province's record of the same: a new row that links a code that nothing else of the day names."""
    return {
        "mahoso": "H55.2-2303-9002", "mahosokhac": "G09.1-9002", "donviid": 2, "kenhthuchien": "2",
        "matthc": _PROCEDURES[0], "trangthaihosoid": "4", "ngaytiepnhan": at - timedelta(hours=90), "updatedon": at,
    }  # fmt: skip


def _alone_under(procedure: str) -> Callable[[datetime], Row]:
    """The only dossier of a procedure, received before every cut-off and finished: counted there with no other."""
    return lambda at: {
        **_ended("H55.1-2303-9005")(at), "matthc": procedure, "ngaytiepnhan": BEGIN - timedelta(days=9),
        "ngayketthucxuly": BEGIN - timedelta(days=8),
    }  # fmt: skip


def _of_one_day(number: int, applicant: str) -> Callable[[datetime], Row]:
    """One of the dossiers that an applicant handed in on one day, finished: ten are many, and each of them is listed."""
    return lambda at: {
        **_ended(f"H55.1-2303-91{number:02}")(at), "ngaytiepnhan": BEGIN - timedelta(hours=30),
        "ngayketthucxuly": BEGIN - timedelta(hours=20), "sogiaytochuhoso": applicant,
    }  # fmt: skip


#: What chance brings too seldom, by the day on which it comes.
_RARE: dict[int, tuple[tuple[str, str, Callable[[datetime], Row]], ...]] = {
    1: (
        ("provincial", "dossier", _ended(_WAITS)),
        ("provincial", "dossier", _ended(_ASKED)),
        ("provincial", "dossier", _ended(_GOES_ON)),
        ("provincial", "progress", _step_to_come),
        ("provincial", "supplement", _waits_still),
        ("portal", "dossier", _there_alone),
        ("provincial", "dossier", _alone_under("1.901")),
        *(("provincial", "dossier", _of_one_day(number, "nine")) for number in range(9)),
        *(("provincial", "dossier", _of_one_day(number, "ten")) for number in range(10, 20)),
    ),
    # The tenth of one applicant, and one of another's ten turns out to be somebody else's.
    3: (
        ("provincial", "dossier", _of_one_day(9, "nine")),
        ("provincial", "dossier", _of_one_day(10, "somebody else")),
    ),
    # On the last day: the next build would look at this dossier again, as at all that are under way.
    5: (
        ("provincial", "dossier", _claims_it),
        ("provincial", "supplement", _asked_late),
        ("provincial", "dossier", _alone_under("1.902")),
    ),
}


@dataclass(slots=True)
class Deliveries:
    """What comes day by day. Equal seeds give equal deliveries."""

    connection: psycopg.Connection
    random: Random
    made: int = 0
    limits: dict[str, tuple[int, str]] = field(default_factory=dict)

    def begin(self) -> None:
        """The lists that are there from the first day on."""
        units = [{"id": number, "madinhdanh": code, "ten": name, "cap": "1"} for number, code, name in _UNITS]
        self._land("provincial", "unit", "full", BEGIN, units)
        self.limits = dict.fromkeys(_PROCEDURES, (5, "Ngày làm việc"))
        self._list_procedures(BEGIN)

    def day(self, number: int) -> None:
        """One day's deliveries, in any order; some say what is older than what is known."""
        at = BEGIN + timedelta(days=number, hours=10)
        coming = [
            ("provincial", "dossier", [self._dossier(at) for _ in range(60)]),
            ("provincial", "progress", [self._step(at) for _ in range(150)]),
            ("provincial", "supplement", [self._supplement(at) for _ in range(60)]),
            ("provincial", "draft", [self._letter(at) for _ in range(10)]),
            ("portal", "dossier", [self._told(at) for _ in range(40)]),
        ]
        self.random.shuffle(coming)
        for source, stream, rows in coming:
            self._land(source, stream, "incremental", at, rows)
        for source, stream, row in _RARE.get(number, ()):
            self._land(source, stream, "incremental", at, [row(at)])
        # An office's export is as new as the day in its name, whenever it comes.
        exported = at - timedelta(days=self.random.choice((0, 0, 3)))
        self._land("one_stop", "csv", "incremental", exported, [self._line(at) for _ in range(30)])
        if number % 2:
            self.limits[self.random.choice(_PROCEDURES)] = (self.random.randint(1, 9), "Ngày làm việc")
            self._list_procedures(at)

    def _list_procedures(self, at: datetime) -> None:
        rows = [
            {"matthc": c, "thoigianthuchien": n, "loaithoigianthuchien": unit} for c, (n, unit) in self.limits.items()
        ]
        self._land("provincial", "procedure", "full", at, rows)

    def _code(self) -> str:
        """The province's code of some dossier, in either order of the agency id, or the portal's."""
        family = self.random.randrange(FAMILIES)
        unit = family % 4 + 1
        return self.random.choice(
            (
                f"H55.{unit}-2303-{family}",
                f"H55.{unit}-2303-{family}",
                f"000.00.{unit}.H55-2303-{family}",
                f"G09.1-{family}",
            )
        )

    def _procedure(self) -> str:
        """One of the few in the list, or one of many besides, whose dossiers are counted with few others or none."""
        return self.random.choice((*_PROCEDURES, *[f"1.5{self.random.randrange(80):02}"] * 4))

    def _alias(self) -> str:
        """The code that a dossier of some family has on the portal."""
        return f"G09.1-{self.random.randrange(FAMILIES)}"

    def _unit(self, code: str) -> int:
        """With which unit a dossier is: nearly always with the one that its code says."""
        return self.random.randint(1, 5) if self.random.random() < 0.1 else int(code.rsplit("-", 1)[1]) % 4 + 1

    def _name(self, code: str) -> str:
        """What its register calls that unit: one of several names, each of them of one unit, as a rule."""
        return f"Tổ {int(code.rsplit('-', 1)[1]) % 40}"

    def _instant(self, at: datetime) -> datetime | None:
        return self.random.choice(
            (None, at - timedelta(hours=self.random.randint(1, 400)), at + timedelta(hours=self.random.randint(0, 90)))
        )

    def _dossier(self, at: datetime) -> Row:
        r, code = self.random, self._code()
        return {
            "mahoso": code, "mahosokhac": r.choice((None, None, self._alias())), "donviid": self._unit(code),
            "kenhthuchien": r.choice(("1", "2")), "matthc": self._procedure(), "malinhvuc": "F",
            "trangthaihosoid": r.choice(("2", "4", "9", "10", "3", "7", "8")), "ngaynophoso": self._instant(at),
            "ngaytiepnhan": at - timedelta(hours=r.randint(1, 300)), "ngayhentra": self._instant(at),
            "ngayhentrabandau": self._instant(at), "ngayketthucxuly": self._instant(at), "ngaytra": self._instant(at),
            "ngaytuchoi": self._instant(at), "thoigianthuchien": r.choice((None, 3)), "loaithoigianthuchien": "Ngày",
            "sogiaytochuhoso": f"p{r.randrange(9)}", "deletedon": r.choice((None,) * 9 + (at,)),
            "dasohoaketqua": r.choice((True, False)), "updatedon": self._changed(at),
        }  # fmt: skip

    def _step(self, at: datetime) -> Row:
        r = self.random
        return {
            "id": r.randrange(500), "mahoso": self._code(), "thoigian": at - timedelta(hours=r.randint(-20, 300)),
            "trangthai": r.choice(("2", "4", "6", "8", "9")), "nodequytrinh": r.choice(("a", "b")),
            "thoihanbuocxuly": r.choice((None, 240)), "thaotac": "x", "updatedon": self._changed(at),
        }  # fmt: skip

    def _supplement(self, at: datetime) -> Row:
        r = self.random
        return {
            "id": r.randrange(400), "mahoso": self._code(), "ngaybosung": at - timedelta(hours=r.randint(-9, 200)),
            "ngaytiepnhanbosung": self._instant(at), "ngayhentramoi": self._instant(at),
            "deletedon": r.choice((None, None, None, at)), "updatedon": self._changed(at),
        }  # fmt: skip

    def _letter(self, at: datetime) -> Row:
        r = self.random
        return {
            "id": r.randrange(40), "mahoso": self._code(), "loaiduthao": r.choice(("apology", "other")),
            "ngayduthao": at, "ngaygui": self._instant(at), "ngayhentramoi": self._instant(at),
            "updatedon": self._changed(at),
        }  # fmt: skip

    def _told(self, at: datetime) -> Row:
        r, code = self.random, self.random.choice((self._code(), self._alias()))
        return {
            "mahoso": code, "matthc": self._procedure(), "kenhthuchien": "2", "donvixuly": self._name(code),
            "trangthaihoso": r.choice(("2", "4", "9", "10")), "ngaytiepnhan": at - timedelta(hours=r.randint(1, 300)),
            "ngayhentra": self._instant(at), "ngayketthucxuly": self._instant(at), "ngaycapnhat": self._changed(at),
        }  # fmt: skip

    def _line(self, at: datetime) -> Row:
        r, code = self.random, self._code()
        return {
            "dossier_code": code, "procedure_code": self._procedure(), "channel": "Trực tiếp",
            "unit_name": self._name(code), "received_at": at - timedelta(hours=r.randint(1, 300)),
            "due_at": self._instant(at), "resolved_at": self._instant(at),
            "status": r.choice(("Đang xử lý", "Đã xử lý xong", "Công dân yêu cầu rút")),
        }  # fmt: skip

    def _changed(self, at: datetime) -> datetime:
        return at - timedelta(hours=self.random.choice((0, 0, 0, 30, 60)))

    def _land(self, source: str, stream: str, kind: str, version: datetime, rows: list[Row]) -> None:
        self.made += 1
        digest = hashlib.sha256(f"{self.made} {rows}".encode()).hexdigest()
        [(delivery,)] = self.connection.execute(
            "insert into audit.delivery (source, stream, kind, file_sha256, file_name, bytes, version, version_rule,"
            " rows_read, rows_landed, rows_quarantined) values (%s, %s, %s, %s, 'made', 1, %s, 'field', %s, %s, 0)"
            " returning delivery_id",
            (source, stream, kind, digest, version, len(rows), len(rows)),
        ).fetchall()
        names = list(rows[0])
        columns = ["_delivery_id", "_row_number", "_row_sha256", *names]
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier("raw", f"{source}__{stream}"), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with self.connection.cursor().copy(statement) as copy:
            for number, row in enumerate(rows, 2):
                digest_of_row = "\\x" + hashlib.sha256(f"{delivery} {number} {row}".encode()).hexdigest()
                copy.write_row((delivery, number, digest_of_row, *row.values()))
