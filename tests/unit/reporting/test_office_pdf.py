"""A form on paper, of made rows: the same bytes for the same figures, its fonts in it, and what does not add up seen.

Belongs here: the file without a database. Does not: that it says what is published
(tests/integration/province/test_office_files.py).
"""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader

from reporting.forms import FormVariant
from reporting.office_forms import Occasion
from reporting.office_pdf import pdf_ii06a
from reporting.official import COLUMNS_II06A
from tests.unit.reporting.somewhere import BODY, PERIOD

OCCASION = Occasion(BODY, PERIOD, "day", ())


def _row(kind: str, name: str, **counts: int) -> dict[str, Any]:
    return {"row_kind": kind, "ordinal": "", "row_of": name, **dict.fromkeys(COLUMNS_II06A, 0), **counts}


def _read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def test_the_same_figures_give_the_same_bytes_and_others_do_not() -> None:
    rows = [_row("group", "A"), _row("line", "Đất đai", late=1_234_567)]
    made = pdf_ii06a(OCCASION, rows, FormVariant.fields)
    assert made == pdf_ii06a(OCCASION, rows, FormVariant.fields)
    assert made != pdf_ii06a(OCCASION, [rows[0], {**rows[1], "late": 1}], FormVariant.fields)
    text = _read(made).pages[0].extract_text()
    for words in ("TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", "1.234.567", "Tỉnh Nào Đó", "THỦ TRƯỞNG ĐƠN VỊ"):
        assert words in text, text


def test_the_file_bears_the_figures_day_and_its_own_fonts() -> None:
    read = _read(pdf_ii06a(OCCASION, [_row("total", "Ữ Ợ ặ ỗ ỵ Đ")], FormVariant.levels))
    assert read.metadata is not None and read.metadata.creation_date is not None
    assert read.metadata.creation_date.date() == PERIOD["period_to"]
    assert read.root_object["/Lang"] == "vi-VN" and read.root_object["/MarkInfo"]["/Marked"]
    assert "Ữ Ợ ặ ỗ ỵ Đ" in read.pages[0].extract_text()
    fonts = [font.get_object() for page in read.pages for font in page["/Resources"]["/Font"].values()]
    described = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert described and all({"/FontFile2", "/FontFile3"} & set(one) for one in described)


def test_the_header_is_on_every_page() -> None:
    rows = [_row("group", "A"), *(_row("line", f"Lĩnh vực {number}") for number in range(90))]
    read = _read(pdf_ii06a(OCCASION, rows, FormVariant.fields))
    assert len(read.pages) > 2
    assert all("Quá hạn" in page.extract_text() for page in read.pages[:-1])


def test_what_does_not_add_up_is_printed() -> None:
    read = _read(pdf_ii06a(OCCASION, [_row("total", "x", received_total=777, resolved_total=111)], FormVariant.fields))
    assert "666" in read.pages[0].extract_text()


def test_text_of_a_source_is_text_and_no_markup() -> None:
    name = '#panic("x") *a* $b$ <c> [d] = e'
    read = _read(pdf_ii06a(OCCASION, [_row("total", name)], FormVariant.fields))
    assert name in " ".join(read.pages[0].extract_text().split())
