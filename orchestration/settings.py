"""What one command works with: the deployment file, its overrides, the contracts it names and where things are kept.

Belongs here: reading configuration once, at the border. Does not: opening databases or sources.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.deployment import DeployedSource, Deployment
from contracts.failures import UsageError
from contracts.source import SourceContract
from contracts.yaml_text import parsed
from extractors.catalogue import load_contract, load_contracts
from warehouse.home import Home, locate_home

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_CONFIG = PROJECT / "demo" / "thai_nguyen.yml"
CONFIG_VARIABLE = "MOTCUA_CONFIG"


@dataclass(frozen=True, slots=True)
class Settings:
    """A deployment ready to be worked with. `contracts` holds one for each of its sources."""

    project: Path
    home: Home
    config: Path
    deployment: Deployment
    contracts: dict[str, SourceContract]
    all_contracts: tuple[SourceContract, ...]

    def path_of(self, source: str) -> Path:
        """Where a source's drops lie; relative paths start at the deployment file. Raises UsageError when it has none."""
        path = self.deployment.sources[source].path
        if path is None:
            raise UsageError(f"{source} is no source of drops: it has no `path`")
        return (self.config.parent / Path(path).expanduser()).resolve()

    def dbt_target(self) -> Path:
        """The folder of dbt's artefacts."""
        return self.home.state / "dbt"


def load_settings(
    config: Path | None = None, overrides: Iterable[str] = (), database: str | None = None, project: Path = PROJECT
) -> Settings:
    """Reads the deployment file with `key.path=value` overrides applied. Raises UsageError and ContractError."""
    chosen = (config or Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)).expanduser().resolve()
    raw = _read(chosen)
    given_here = list(overrides)
    for override in given_here:
        _apply(raw, override)
    if database is not None:
        raw["database"] = database
    try:
        deployment = Deployment.model_validate(raw)
    except ValidationError as error:
        raise UsageError(
            f"{chosen}: {_first_problems(error)}", hint="docs/runbooks/deployment.md lists every entry."
        ) from None
    builtin = load_contracts()
    contracts = {}
    for name, source in deployment.sources.items():
        if source.contract is not None:
            contracts[name] = load_contract((chosen.parent / source.contract).resolve())
        elif name in builtin:
            contracts[name] = builtin[name]
        else:
            raise UsageError(
                f"{chosen}: there is no contract for the source {name}",
                hint=f"Known sources: {', '.join(sorted(builtin))}. Or name a contract file: sources.{name}.contract",
            )
        _check_way_in(chosen, name, source, contracts[name])
        if contracts[name].name != name:
            raise UsageError(f"{chosen}: the source {name} names the contract of {contracts[name].name}")
    return Settings(
        project=project,
        home=locate_home(project, os.environ),
        config=chosen,
        deployment=deployment,
        contracts=contracts,
        all_contracts=tuple({**builtin, **contracts}.values()),
    )


_WAYS = {"table": "database", "service": "service"}


def _check_way_in(config: Path, name: str, source: DeployedSource, contract: SourceContract) -> None:
    needed = {_WAYS.get(stream.layout.kind, "path") for stream in contract.streams}
    missing = sorted(way for way in needed if getattr(source, way) is None)
    if missing:
        raise UsageError(f"{config}: the source {name} needs `{missing[0]}`, by its contract")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"there is no configuration file {path}", hint="Give one with --config; demo/boston.yml is an example."
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{path} is no deployment file: it must hold name, jurisdictions and sources")
    return content


def _apply(raw: dict[str, Any], override: str) -> None:
    """Sets one entry of the raw configuration. A path given on the command line is relative to where the user stands."""
    path, separator, value = override.partition("=")
    parts = path.strip().split(".")
    if not separator or not all(parts):
        raise UsageError(
            f"--set {override!r} is not KEY.PATH=VALUE", hint="Example: --set sources.boston311.path=new.csv"
        )
    place: Any = raw
    for part in parts[:-1]:
        place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            known = ", ".join(sorted(raw.get(parts[0], {}))) if isinstance(raw.get(parts[0]), dict) else ""
            raise UsageError(
                f"--set {override!r}: the configuration has no {path.rsplit('.', 1)[0]!r}",
                hint=f"Known below {parts[0]}: {known}" if known else "",
            )
    if parts[0] == "sources" and parts[-1] in {"path", "contract"}:
        place[parts[-1]] = str(Path(value).expanduser().resolve())
    else:
        place[parts[-1]] = parsed(value)


def _first_problems(error: ValidationError) -> str:
    problems = [f"{'.'.join(map(str, entry['loc']))}: {entry['msg']}" for entry in error.errors()[:3]]
    more = error.error_count() - len(problems)
    return "; ".join(problems) + (f"; and {more} more" if more > 0 else "")
