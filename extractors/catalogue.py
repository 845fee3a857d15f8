"""The source contracts: loaded from YAML, checked, and told apart by name.

Belongs here: reading contract files and telling what is wrong with one. Does not: their schema (contracts/source.py).
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.failures import ContractError
from contracts.source import SourceContract
from contracts.yaml_text import Loader
from extractors.moments import compile_format

#: The contracts that come with the program.
BUILT_IN = Path(__file__).parent / "contracts"


class _StrictLoader(Loader):
    """YAML that refuses a key given twice in one mapping (YAML's own rule, which the library does not hold)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping as a dict. Raises ConstructorError for a repeated key."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            if isinstance(key, Hashable):
                seen.add(key)
        return super().construct_mapping(node, deep)


def load_contracts(folder: Path = BUILT_IN) -> dict[str, SourceContract]:
    """Every contract (*.yml, *.yaml) of a folder by source name, sorted.

    Raises ContractError when one does not hold together, two have one name, or the folder cannot be read or has none.
    """
    if not folder.is_dir():
        raise ContractError(f"{folder} is no folder of contracts")
    files = sorted(file for file in folder.iterdir() if file.suffix in {".yml", ".yaml"} and file.is_file())
    if not files:
        raise ContractError(f"{folder} holds no contract (*.yml)")
    found: dict[str, tuple[SourceContract, Path]] = {}
    for file in files:
        contract = load_contract(file)
        if contract.name in found:
            raise ContractError(f"{found[contract.name][1].name} and {file.name} are both named {contract.name!r}")
        found[contract.name] = (contract, file)
    return {name: found[name][0] for name in sorted(found)}


def load_contract(file: Path) -> SourceContract:
    """The contract in one file. Raises ContractError naming the file and the entries that do not hold."""
    try:
        entries = yaml.load(file.read_text("utf-8"), Loader=_StrictLoader)
    except OSError as error:
        raise ContractError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"{file} is not UTF-8 (byte {error.start})") from error
    except yaml.YAMLError as error:
        raise ContractError(f"{file} is no valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(entries, dict):
        raise ContractError(f"{file} holds no entries; a contract begins with `name:`")
    try:
        contract = SourceContract.model_validate(entries)
    except ValidationError as error:
        told = "; ".join(_entry(entries, fault["loc"], fault["msg"]) for fault in error.errors())
        raise ContractError(f"{file}: {told}", hint="the entries are described in contracts/source.py") from error
    for stream in contract.streams:
        for field in stream.fields:
            if field.format is not None:
                _check_format(file, f"streams.{stream.name}.fields.{field.name}", field.format)
    return contract


def _check_format(file: Path, entry: str, text: str) -> None:
    try:
        compile_format(text)
    except ContractError as error:
        raise ContractError(f"{file}: {entry}: {error.message}", hint=error.hint) from error


def _entry(entries: Any, location: tuple[int | str, ...], message: str) -> str:
    """The entry at fault as a person finds it: list items by their own name where they have one."""
    path: list[str] = []
    current = entries
    for step in location:
        if isinstance(current, list) and isinstance(step, int) and step < len(current):
            current = current[step]
            name = current.get("name") if isinstance(current, dict) else None
            path.append(str(name or step))
        elif isinstance(current, dict) and step in current:
            current = current[step]
            path.append(str(step))
        elif step not in {"delimited", "workbook", "jsonlines", "field", "high_water", "file_name"} or current is None:
            # The steps left out name the variant of a layout or version, which stands in no file.
            path.append(str(step))
    return f"{'.'.join(path) or 'the contract'}: {message.removeprefix('Value error, ')}"
