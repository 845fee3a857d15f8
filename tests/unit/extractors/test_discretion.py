"""What people read of a stream with personal fields: quarantine, refusals and evidence show no personal value."""

from __future__ import annotations

import json

import pytest
import xlsxwriter

from contracts.failures import DeliveryRefused, UsageError
from extractors.drops import read
from extractors.evidence import record_text, shown_record
from extractors.pseudonyms import Pseudonyms
from extractors.row_hashes import RowHashes

WHO, ID = "Nguyễn Văn Mật", "999012345678"
FIELDS = [
    "code",
    {"name": "who", "personal": True, "personal_kind": "name"},
    {"name": "id", "personal": True, "personal_kind": "identity"},
    {"name": "day", "type": "date", "format": "%d/%m/%Y", "unreadable": "land_null"},
    {"name": "count", "type": "integer"},
]
PSEUDONYMS = Pseudonyms(bytes(range(32)))
HASHES = RowHashes(PSEUDONYMS.row_key)
LAYOUTS = {
    "delimited": {"kind": "delimited"},
    "workbook": {"kind": "workbook"},
    "jsonlines": {"kind": "jsonlines"},
}
NAMES = [field if isinstance(field, str) else field["name"] for field in FIELDS]


def _write(file, kind, rows):
    if kind == "delimited":
        file.write_text("".join(",".join(row) + "\n" for row in [NAMES, *rows]), "utf-8")
    elif kind == "jsonlines":
        lines = [dict(zip(NAMES, row, strict=False)) for row in rows]
        for line in lines:
            line["count"] = int(line["count"]) if line["count"].isdigit() else line["count"]
        file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    else:
        book = xlsxwriter.Workbook(str(file))
        page = book.add_worksheet()
        for at, row in enumerate([NAMES, *rows]):
            page.write_row(at, 0, row)
        book.close()
    return file


def _taken(source, file, pseudonyms=PSEUDONYMS):
    return list(read(source.streams[0], source, file, file.name, pseudonyms=pseudonyms))


@pytest.mark.parametrize("kind", LAYOUTS)
def test_pseudonyms_land_and_entries_are_silent(source_of, tmp_path, kind):
    source = source_of(FIELDS, layout=LAYOUTS[kind])
    rows = [
        ["a", WHO, ID, "31/01/2023", "1"],
        ["b", WHO.upper(), f" {ID}", WHO, "2"],  # a name in the wrong column, which lands null
        ["c", WHO, ID, "01/02/2023", f"x {WHO.lower()}"],  # and in one that keeps the row out
        ["", WHO, ID, "01/02/2023", "3"],
        ["d", "", "", "02/02/2023", "4"],
    ]
    (batch,) = _taken(source, _write(tmp_path / "f.csv", kind, rows))
    assert batch.rows["code"].to_list() == ["a", "b", "d"]
    assert batch.rows["who"].to_list()[0] == batch.rows["who"].to_list()[1]
    assert batch.rows["id"].to_list()[0] == batch.rows["id"].to_list()[1]
    assert batch.rows["who"].to_list()[2] is batch.rows["id"].to_list()[2] is None
    assert {(fault.field, fault.whole_row) for fault in batch.quarantine} == {
        ("day", False), ("count", True), ("code", True),
    }  # fmt: skip
    assert not _tells(repr(batch.quarantine) + str(batch.rows.rows()))
    assert any("not shown" in fault.value for fault in batch.quarantine)


def _tells(text):
    return WHO.casefold() in text.casefold() or ID in text


def test_a_record_that_cannot_be_split_shows_nothing(source_of, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(f"{','.join(NAMES)}\na,{WHO},{ID},31/01/2023,1,{ID}\nb,x,y,,2\n", "utf-8")
    (batch,) = _taken(source_of(FIELDS), file)
    (fault,) = batch.quarantine
    assert fault.reason == "the record has 6 fields, the header 5"
    assert fault.value.endswith("characters, not shown: personal)")
    jsonlines = source_of(FIELDS, layout={"kind": "jsonlines"})
    file.write_text(f'{{"code": "a", "who": "{WHO}", "id": {ID}\n', "utf-8")
    (batch,) = _taken(jsonlines, file)
    assert not _tells(repr(batch.quarantine))


def test_a_value_of_the_wrong_kind_in_a_personal_field_is_not_shown(source_of, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(json.dumps({"code": "a", "who": [WHO], "id": int(ID), "day": None, "count": 1}) + "\n", "utf-8")
    (batch,) = _taken(source_of(FIELDS, layout={"kind": "jsonlines"}), file)
    assert [fault.field for fault in batch.quarantine] == ["who", "id"]
    assert not _tells(repr(batch.quarantine))
    book = xlsxwriter.Workbook(str(file))
    page = book.add_worksheet()
    page.write_row(0, 0, NAMES)
    page.write_row(1, 0, ["a"])
    page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    book.close()
    (batch,) = _taken(source_of(FIELDS, layout={"kind": "workbook"}), file)
    assert [(fault.field, fault.reason) for fault in batch.quarantine] == [("who", "is a spreadsheet error")]


REFUSED = {
    "no header": f"a,{WHO},{ID},31/01/2023,1\nb,x,y,,2\n",
    "a record of people twice": f"{WHO},{WHO},{ID},31/01/2023,1\n",
    "cut off": f"{','.join(NAMES)}\na,{WHO},{ID},31/01/20",
    "an open quote": f'{",".join(NAMES)}\na,"{WHO},{ID},31/01/2023,1\n',
    "a broken header": f'x"{WHO}",{ID},a,b,c\na,b,c,d,e\n',
    "retyped": f"{','.join(NAMES)}\n" + f"a,{WHO},{ID},{ID},1\n" * 30,
    "other delimiter": f"{';'.join(NAMES)}\na;{WHO};{ID};;1\n",
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_refusal_quotes_nobody(source_of, tmp_path, wrong):
    file = tmp_path / "f.csv"
    file.write_text(REFUSED[wrong], "utf-8")
    with pytest.raises(DeliveryRefused) as caught:
        _taken(source_of(FIELDS), file)
    assert not _tells(caught.value.message + caught.value.hint + repr(caught.value.args))
    assert caught.value.message


def test_drift_is_still_named(source_of, tmp_path):
    file = tmp_path / "f.csv"
    file.write_text(f"{','.join([*NAMES, 'extra'])}\na,b,c,,1,z\n", "utf-8")
    with pytest.raises(DeliveryRefused, match="'extra', unknown to the contract"):
        _taken(source_of(FIELDS), file)
    open_source = source_of(["code", "who"])
    file.write_text("code,who\na,b", "utf-8")
    with pytest.raises(DeliveryRefused, match="no line end: 'a,b'"):
        list(read(open_source.streams[0], open_source, file, file.name))


def test_personal_fields_are_not_read_without_a_key(source_of, tmp_path):
    with pytest.raises(UsageError, match="who is personal, and no pseudonym key was given"):
        _taken(source_of(FIELDS), _write(tmp_path / "f.csv", "delimited", [["a", WHO, ID, "", "1"]]), pseudonyms=None)


@pytest.mark.parametrize("kind", LAYOUTS)
def test_evidence_hides_people_and_proves_the_whole_record(source_of, tmp_path, kind):
    source = source_of(FIELDS, layout=LAYOUTS[kind])
    file = _write(tmp_path / "f.csv", kind, [["a", WHO, ID, "31/01/2023", "7"]])
    number = 1 if kind == "jsonlines" else 2
    whole, sha256 = record_text(source.streams[0], file, number, HASHES)
    assert _tells(whole)
    text, again = shown_record(source.streams[0], file, number, HASHES)
    assert again == sha256
    assert not _tells(text)
    assert "31/01/2023" in text
    assert "7" in text
    assert text.count("not shown") == 2
    header, _ = shown_record(source_of(["code", "who"]).streams[0], _write(file, "delimited", []), 1, HASHES)
    assert header == ",".join(NAMES), "streams without personal fields are shown as they are"


def test_evidence_of_another_shape_shows_nothing(source_of, tmp_path):
    source = source_of(FIELDS)
    file = tmp_path / "f.csv"
    file.write_text(f"{','.join(NAMES)}\na,{WHO},{ID}\n", "utf-8")
    assert (
        shown_record(source.streams[0], file, 2, HASHES)[0]
        == f"({len(f'a,{WHO},{ID}')} characters, not shown: personal)"
    )
    file.write_text(f'{",".join(NAMES)}\na,{WHO},{ID},"{WHO}, 2",1\n', "utf-8")
    assert not _tells(shown_record(source.streams[0], file, 2, HASHES)[0])
