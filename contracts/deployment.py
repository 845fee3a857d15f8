"""One deployment: which sources lie where, which jurisdictions they speak of, which cut-offs and periods are published.

Belongs here: the schema of a deployment file (demo/boston.yml is one). Does not: reading files, or secrets (those come
from the environment).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.calendars import Calendar
from contracts.source import PlainName, Zone


def _as_text(value: object) -> object:
    """YAML turns an unquoted date into a date; a moment is read by us, in its jurisdiction's zone."""
    return value.isoformat() if isinstance(value, date) else value


def _readable_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


ClaimDefinition = Literal[
    "received_in_period", "received_and_carried_over", "resolved_in_period", "resolved_on_time_in_period",
    "on_time_of_resolved", "on_time_of_received", "decisions_signed", "procedures_in_decisions", "procedures_new",
    "procedures_abolished", "in_force_at_end", "in_force_at_end_province", "in_force_at_end_district",
    "in_force_at_end_commune", "interlinked_same_level", "interlinked_across_levels", "with_workflow",
    "with_workflow_rate", "visits_in_period", "districts_and_cities", "communes",
]  # fmt: skip
Moment = Annotated[str, BeforeValidator(_as_text), AfterValidator(_readable_moment)]
#: YAML reads an unquoted 2023 as a number; as the name of a period it is text.
PeriodName = Annotated[str, BeforeValidator(str), Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def instant(moment: str, zone: str) -> datetime:
    """An ISO date or date-time as an aware instant; without an offset it is wall-clock time in the zone (first of two).

    A bare date is that day's midnight. Raises ValueError for text that is neither.
    """
    parsed = datetime.fromisoformat(moment)
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=ZoneInfo(zone))


class ReportingPeriod(_Strict):
    """A time for which the official forms are made: whole local days, the last one not included."""

    name: str
    name_vi: str
    period_from: date
    period_to: date = Field(description="the first day after the period")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.period_to <= self.period_from:
            raise ValueError("period_to must lie after period_from")
        return self


class Jurisdiction(_Strict):
    """A body whose dossiers or procedures are counted together: zone, calendar and policies are its attributes."""

    name: str
    name_vi: str
    zone: Zone
    calendar: PlainName | None = Field(
        default=None, description="one of the deployment's calendars or of dbt_project/seeds/national_calendar.csv"
    )
    time_rules: PlainName | None = Field(default=None, description="a rule set of dbt_project/seeds/working_rule.csv")
    as_of: Moment = Field(description="the instant for which 'now' stands in every figure of a release")
    cut_offs: tuple[Moment, ...] = ()
    periods: dict[PeriodName, ReportingPeriod] = Field(default_factory=dict)
    policies: tuple[PlainName, ...] = Field(min_length=1)
    default_policy: PlainName

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.default_policy not in self.policies:
            raise ValueError(f"default_policy {self.default_policy!r} is not among policies {list(self.policies)}")
        late = [moment for moment in self.cut_offs if self.instant(moment) > self.instant(self.as_of)]
        if late:
            raise ValueError(f"cut-offs after as_of ({self.as_of}) cannot be known: {late}")
        if self.time_rules is not None and self.calendar is None:
            raise ValueError("time_rules count in a calendar: name one")
        return self

    def instant(self, moment: str) -> datetime:
        """A moment of this jurisdiction as an aware instant."""
        return instant(moment, self.zone)

    def midnight(self, day: date) -> datetime:
        """The local midnight that begins a day."""
        return datetime.combine(day, time(), tzinfo=ZoneInfo(self.zone))

    def day_before_as_of(self) -> datetime:
        """The same wall-clock time one local day before as_of: 23 or 25 hours earlier where the clock was changed."""
        return self.instant(self.as_of).astimezone(ZoneInfo(self.zone)) - timedelta(days=1)

    def published_cut_offs(self) -> tuple[datetime, ...]:
        """Every instant at which dossiers are counted, in order: the configured cut-offs, the bounds of each period that
        is over at as_of, as_of itself and the day before it.

        Empty where neither cut-offs nor periods are configured (a catalogue). A period that is not over has no figures
        yet, so its bounds are none either.
        """
        if not self.cut_offs and not self.periods:
            return ()
        as_of = self.instant(self.as_of)
        moments = {as_of, self.day_before_as_of(), *map(self.instant, self.cut_offs)}
        for period in self.periods.values():
            if self.midnight(period.period_to) <= as_of:
                moments |= {self.midnight(period.period_from), self.midnight(period.period_to)}
        # Instants that fall together may come with different offsets: in UTC they are one.
        return tuple(sorted({moment.astimezone(UTC) for moment in moments}))


class ReportedClaim(_Strict):
    """A figure somebody else reported. `definition` is the one we take it by (docs/metrics.md lists them)."""

    jurisdiction: PlainName
    who: str
    reported_on: date
    figure: str
    figure_vi: str
    definition: ClaimDefinition
    period_from: date
    period_to: date = Field(description="the first day after the period")
    claimed: Decimal
    at_least: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.period_to <= self.period_from:
            raise ValueError("period_to must lie after period_from")
        return self


class Secret(_Strict):
    """Where a secret stands: in an environment variable or in a file (relative to the deployment file). Never here."""

    env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    file: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret is named by exactly one of `env` (a variable) and `file` (a path)")
        return self


class ServiceAddress(_Strict):
    """How a service is reached: everything but its password, which is a secret."""

    address: Secret = Field(description="base address of the gateway's adapter")
    login_path: str = "/auth/login"
    call_path: str = "/dvcqg/call"
    username: str
    password: Secret
    destination: str = Field(description="the gateway's destination code (header dstcode)")
    agency: str = Field(description="the province's own agency id (madonvi)")
    ca_file: str | None = Field(default=None, description="certificates to trust, when not the system's")
    requests_per_second: float = Field(default=50.0, gt=0)
    concurrency: int = Field(default=1, ge=1, le=16)
    timeout_seconds: float = Field(default=30.0, gt=0)


class DeployedSource(_Strict):
    """Where one source's deliveries lie, and whose they are: a `path` for drops (relative to the deployment file), a
    `database` for tables (the secret holds its URL), a `service` for services.

    `as_of` says how new the deliveries under the path are, when their contract's own rule cannot tell; `expected_from` since
    when what the contract expects is agreed upon.
    """

    jurisdiction: PlainName
    path: str | None = None
    database: Secret | None = None
    service: ServiceAddress | None = None
    contract: str | None = Field(
        default=None, description="a contract file of your own; by default the built-in one of this name"
    )
    as_of: Moment | None = None
    expected_from: date | None = Field(
        default=None, description="first day of what its contract expects; by default the day of its first delivery"
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if sum(way is not None for way in (self.path, self.database, self.service)) != 1:
            raise ValueError("name exactly one of `path` (drops), `database` (tables) and `service` (services)")
        return self


class OpenLineage(_Strict):
    """Where a run's OpenLineage events go beside its file, and under which namespace its jobs and tables are known."""

    url: str | None = Field(default=None, description="base address of an OpenLineage backend, without credentials")
    path: str = "api/v1/lineage"
    token: Secret | None = Field(default=None, description="sent as bearer token")
    timeout_seconds: float = Field(default=2.0, gt=0, le=30)
    namespace: str | None = Field(default=None, min_length=1, description="by default motcua://<name>")

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        if self.url is not None:
            assert_plain_address(self.url)
        return self


def assert_plain_address(url: str) -> None:
    """Raises ValueError for what is no http(s) address, or holds a name and password: those are secrets."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("url must hold no credentials, query or fragment; a token is a secret of its own")


class Deployment(_Strict):
    """A deployment file as a whole."""

    name: PlainName
    database: PlainName = "motcua"
    jurisdictions: dict[PlainName, Jurisdiction] = Field(min_length=1)
    sources: dict[PlainName, DeployedSource] = Field(min_length=1)
    claims: dict[PlainName, ReportedClaim] = Field(default_factory=dict)
    calendars: dict[PlainName, Calendar] = Field(default_factory=dict)
    openlineage: OpenLineage | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for name, source in self.sources.items():
            if source.jurisdiction not in self.jurisdictions:
                raise ValueError(f"source {name}: jurisdiction {source.jurisdiction!r} is not defined")
        for name, claim in self.claims.items():
            if claim.jurisdiction not in self.jurisdictions:
                raise ValueError(f"claim {name}: jurisdiction {claim.jurisdiction!r} is not defined")
        return self
