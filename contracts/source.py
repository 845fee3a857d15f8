"""What a source promises: its streams, their fields, keys, versions and clocks, as written in extractors/contracts/*.yml.

Belongs here: the schema of those files (pydantic, unknown entries refused). Does not: reading files or data.
"""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contracts.expected import Expected


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@cache
def _zones() -> frozenset[str]:
    # The library walks its folders at each call: a fifth of the time that reading all contracts took.
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"{name!r} is no IANA time zone (example: Asia/Ho_Chi_Minh)")
    return name


def _plain_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise ValueError(f"{name!r} must be lower case letters, digits and underscores, and short")
    return name


def _known_encoding(name: str) -> str:
    try:
        known = codecs.lookup(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is no text encoding (examples: utf-8, utf-16, windows-1258)") from error
    if not known._is_text_encoding:
        raise ValueError(f"{name!r} turns bytes into bytes, not into text")
    return name


def _glob_below(pattern: str) -> str:
    if not pattern or pattern.startswith("/") or ".." in pattern.split("/"):
        raise ValueError(f"{pattern!r} must be a pattern below the source's path, for example cases_*.csv")
    return pattern


Zone = Annotated[str, AfterValidator(_known_zone)]
PlainName = Annotated[str, AfterValidator(_plain_name)]
Glob = Annotated[str, AfterValidator(_glob_below)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]
FieldType = Literal["text", "integer", "number", "boolean", "date", "instant", "json"]
PersonalKind = Literal["identity", "name", "phone", "address", "other"]


class FieldContract(_Strict):
    """One field, under the name the source gives it.

    `format` is a strptime format for dates and instants. An instant whose format names no offset is wall-clock time in
    the source's zone. An empty value is null; in a `required` field it quarantines the row. `unreadable` says what a
    value that does not convert does: keep its whole row out, or land as null beside an entry in the quarantine. A
    `personal` value lands as a keyed pseudonym and is shown nowhere; `personal_kind` says what it is, and one value of
    one kind has one pseudonym in every source (extractors/pseudonyms.py says which spellings are one value).
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    unreadable: Literal["quarantine_row", "land_null"] = "quarantine_row"
    personal: bool = False
    personal_kind: PersonalKind = "other"
    format: str | None = None
    enumeration: tuple[str, ...] | None = None
    true_values: tuple[str, ...] = ("true",)
    false_values: tuple[str, ...] = ("false",)
    meaning: str = ""
    column_name: PlainName | None = None

    @property
    def column(self) -> str:
        """The column it lands in: the source's name in lower case, anything but letters and digits an underscore."""
        return self.column_name or re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.column):
            raise ValueError(f"{self.name}: no plain column name follows from it; give `column_name`")
        if self.name.startswith("_"):
            raise ValueError(f"{self.name}: names with a leading underscore are kept for the landing's own columns")
        if self.type in {"date", "instant"} and not self.format:
            raise ValueError(f"{self.name}: a {self.type} needs a `format` (strptime, for example '%d/%m/%Y')")
        if not self.true_values or not self.false_values or set(self.true_values) & set(self.false_values):
            raise ValueError(
                f"{self.name}: true_values and false_values must both hold something, and nothing in common"
            )
        if self.enumeration is not None and not self.enumeration:
            raise ValueError(f"{self.name}: an empty enumeration would admit no value")
        if self.enumeration is not None and self.type != "text":
            raise ValueError(f"{self.name}: only a text field can have an enumeration")
        if self.required and self.unreadable != "quarantine_row":
            raise ValueError(f"{self.name}: a required field that cannot be read cannot land as null")
        if self.personal and (self.type != "text" or self.enumeration is not None):
            raise ValueError(f"{self.name}: a personal field is text without an enumeration")
        if self.personal_kind != "other" and not self.personal:
            raise ValueError(f"{self.name}: a field with a personal_kind must be said to be personal")
        return self


class DelimitedLayout(_Strict):
    """Text with one record a line (RFC 4180 quoting: a doubled quote inside quotes stands for one)."""

    kind: Literal["delimited"]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str | None = Field(default='"', min_length=1, max_length=1)
    encoding: Encoding = "utf-8"
    header_row: int = Field(
        default=1, ge=1, description="the record that holds the column names; titles stand above it"
    )
    final_newline: Literal["required", "optional"] = "required"
    max_record_bytes: int = Field(default=1_048_576, ge=1)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for role, sign in (("delimiter", self.delimiter), ("quote", self.quote)):
            if sign is not None and (not sign.isascii() or sign in "\r\n\0"):
                raise ValueError(f"the {role} must be one ASCII character and no line end, not {sign!r}")
        if self.delimiter == self.quote:
            raise ValueError(f"delimiter and quote are both {self.quote!r}")
        return self


class WorkbookLayout(_Strict):
    """A spreadsheet (XLSX). Without `sheet`, the workbook must hold exactly one."""

    kind: Literal["workbook"]
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)


class JsonLinesLayout(_Strict):
    """One JSON object a line, UTF-8."""

    kind: Literal["jsonlines"]
    final_newline: Literal["required", "optional"] = "required"
    max_record_bytes: int = Field(default=1_048_576, ge=1)


class TableLayout(_Strict):
    """A table of the source's database, its columns named like the stream's fields.

    With `changed_at` (an instant field that the source sets at every change) only what changed is read, in pages
    ordered by it and the key; a transaction that was open while the last pages were read may commit behind the cursor,
    so each reading begins `overlap_seconds` before it. Without `changed_at` the whole table is read.
    """

    kind: Literal["table"]
    table: str
    changed_at: str | None = None
    overlap_seconds: int = Field(default=900, ge=0)
    page_rows: int = Field(default=100_000, ge=1)


#: The form in which rows read from a table are kept: comma-separated text with a header, null empty, a text that could be
#: taken for null or holds a separator in quotes, instants as `YYYY-MM-DD HH:MM:SS[.ffffff]`.
KEPT_TABLE = DelimitedLayout(kind="delimited", max_record_bytes=16_777_216)


class ServiceLayout(_Strict):
    """A reading service of the national portal, its records' fields named like the stream's.

    `page_size` for services that answer in pages, `changed_at` for those that can be asked for changes only,
    `for_each` (stream.field) for those that are asked once for every value of another stream, which goes by the name
    `parameter` in the question. `ignored` are fields the records may carry and nobody needs: anything else is drift.
    """

    kind: Literal["service"]
    service: str
    page_size: int | None = Field(default=None, ge=1)
    changed_at: str | None = None
    overlap_seconds: int = Field(default=900, ge=0)
    for_each: str | None = None
    parameter: str | None = None
    ignored: tuple[str, ...] = ()


class VersionByField(_Strict):
    """Each record names its own version: an instant field, larger is newer."""

    by: Literal["field"]
    field: str


class VersionByHighWater(_Strict):
    """The delivery's version is the latest instant found in these fields (a snapshot is as new as the last thing in it)."""

    by: Literal["high_water"]
    fields: tuple[str, ...] = Field(min_length=1)


class VersionByFileName(_Strict):
    """The delivery's version stands in its file name: the group `date`, taken at the end of that day in the zone."""

    by: Literal["file_name"]
    pattern: str
    format: str = "%Y-%m-%d"

    @model_validator(mode="after")
    def _has_a_date(self) -> Self:
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as error:
            raise ValueError(f"the version pattern {self.pattern!r} is no regular expression: {error}") from error
        if "date" not in groups:
            raise ValueError("the version pattern needs a group named `date`, for example snapshot_(?P<date>.+)\\.csv")
        return self


class VersionByReading(_Strict):
    """The delivery is as new as the source's own clock said when it was read (a whole table, a list without dates)."""

    by: Literal["reading"]


VersionRule = Annotated[
    VersionByField | VersionByHighWater | VersionByFileName | VersionByReading, Field(discriminator="by")
]
DropLayout = DelimitedLayout | WorkbookLayout | JsonLinesLayout
Layout = Annotated[
    DelimitedLayout | WorkbookLayout | JsonLinesLayout | TableLayout | ServiceLayout, Field(discriminator="kind")
]


class StreamContract(_Strict):
    """One kind of record a source delivers.

    `delivery` is `full` (a delivery holds every record that exists at its version), `snapshot` (full, and each version
    stays a fact of its own: a catalogue on a day) or `incremental` (it holds what changed). `office` says whose a dropped
    file is: the source's as a whole, or that of the office its folder is named after.
    """

    name: PlainName
    meaning: str = ""
    files: Glob = Field(
        default="*", description="glob below the source's path; of drops only, and ignored when the path is a file"
    )
    office: Literal["source", "folder"] = "source"
    layout: Layout
    delivery: Literal["full", "snapshot", "incremental"]
    empty: Literal["refused", "allowed"] = "refused"
    key: tuple[str, ...] = Field(min_length=1)
    version: VersionRule
    repeated_hour: Literal["first", "second", "quarantine"] = "quarantine"
    retyped_share: float = Field(
        default=0.5, gt=0, le=1, description="a field failing in more of its values is a retyped column"
    )
    fields: tuple[FieldContract, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a field is named twice")
        if len({field.column for field in self.fields}) != len(names):
            raise ValueError(f"{self.name}: two fields would land in one column; give one of them a `column_name`")
        by_name = {field.name: field for field in self.fields}
        for part in self.key:
            if part not in by_name or not by_name[part].required:
                raise ValueError(f"{self.name}: the key {part} must be a required field")
        version = self.version
        instants = (version.field,) if version.by == "field" else version.fields if version.by == "high_water" else ()
        for name in instants:
            if name not in by_name or by_name[name].type != "instant":
                raise ValueError(f"{self.name}: the version field {name} must be an instant of this stream")
        if self.empty == "allowed" and self.delivery != "incremental":
            raise ValueError(f"{self.name}: only an incremental delivery may hold no record")
        if isinstance(self.layout, ServiceLayout) and not by_name.keys().isdisjoint(self.layout.ignored):
            raise ValueError(f"{self.name}: a field of the stream cannot be ignored as well")
        if isinstance(self.layout, TableLayout | ServiceLayout):
            changed_at = self.layout.changed_at
            if changed_at is not None and (self.delivery != "incremental" or changed_at not in instants):
                raise ValueError(f"{self.name}: what is read by changed_at is incremental, and that is its version")
        return self

    @property
    def asked(self) -> bool:
        """Whether a run asks for it (a table, a service); otherwise the source drops files when it will."""
        return isinstance(self.layout, TableLayout | ServiceLayout)

    @property
    def personal_fields(self) -> tuple[FieldContract, ...]:
        """The fields whose values never reach the warehouse."""
        return tuple(field for field in self.fields if field.personal)

    def field(self, name: str) -> FieldContract:
        """The field of that name. Raises KeyError."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)


class SourceContract(_Strict):
    """One source: who owns it, how often it delivers, its clock and its streams."""

    name: PlainName
    owner: str
    cadence: str
    credit: str = ""
    licence: str = ""
    zone: Zone
    maximum_age_hours: int | None = Field(
        default=None, ge=1, description="how long a release may stand on what was read before, when the source is down"
    )
    expected: tuple[Expected, ...] = ()
    streams: tuple[StreamContract, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = [stream.name for stream in self.streams]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a stream is named twice")
        for entry in self.expected:
            self._check_expected(entry)
        return self

    def _check_expected(self, entry: Expected) -> None:
        known = {stream.name: stream for stream in self.streams}
        unknown = [name for name in entry.streams if name not in known]
        if unknown:
            raise ValueError(f"{self.name}: expected names a stream {unknown[0]} that does not exist")
        for stream in (known[name] for name in entry.streams or known):
            if stream.asked or stream.version.by != "file_name":
                raise ValueError(
                    f"{self.name}: {stream.name} cannot be expected: only of dropped files whose name bears their day"
                )
            if (entry.per == "office") != (stream.office == "folder"):
                raise ValueError(
                    f"{self.name}: what is expected per office has `office: folder`, and the other way round"
                )
        if entry.levels and entry.per != "office":
            raise ValueError(f"{self.name}: levels are of offices: say `per: office`")

    def stream(self, name: str) -> StreamContract:
        """The stream of that name. Raises KeyError."""
        for candidate in self.streams:
            if candidate.name == name:
                return candidate
        raise KeyError(name)
