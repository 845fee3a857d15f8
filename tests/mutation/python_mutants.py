"""mutmut's mutants of the modules that decide, as subjects with names that last.

Belongs here: running mutmut as [tool.mutmut] of pyproject.toml says, and reading what came of it. mutmut numbers its mutants;
here they are named by the lines that differ. Does not: the tests they meet (tests/unit).
"""

from __future__ import annotations

import ast
import difflib
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from orchestration.settings import PROJECT
from tests.mutation.tally import Tally

_MADE = PROJECT / "mutants"
_MARK, _ORIGINAL = "__mutmut_", "__mutmut_orig"
#: What mutmut notes of a mutant no test told from the original: all green, or none asked.
_SURVIVED = frozenset({0, 33})


def run_mutmut() -> None:
    """Makes and tries all mutants anew. Raises RuntimeError with mutmut's own words when it cannot."""
    shutil.rmtree(_MADE, ignore_errors=True)
    program = str(Path(sys.executable).parent / "mutmut")
    done = subprocess.run(
        [program, "run", "--max-children", "2"], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=1_800
    )
    if done.returncode != 0:
        raise RuntimeError(f"mutmut ended with {done.returncode}: {done.stdout[-2_000:]}{done.stderr[-2_000:]}")


def tally_of(module: str) -> Tally:
    """What came of one module's mutants; the module as a path inside the project."""
    ended: dict[str, int | None] = json.loads((_MADE / f"{module}.meta").read_text())["exit_code_by_key"]
    unknown = [key for key, code in ended.items() if code is None]
    assert unknown == [], "not tried"
    names = _names((_MADE / module).read_text(encoding="utf-8"))
    survivors = [names[key.rsplit(".", 1)[1]] for key, code in ended.items() if code in _SURVIVED]
    return Tally(module, len(ended), frozenset(survivors))


def _names(source: str) -> dict[str, str]:
    """For each mutated function of a file, by its name there: the lines that differ from the original."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _MARK in node.name
    }
    names: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for name, node in functions.items():
        original = functions[name.split(_MARK)[0] + _ORIGINAL]
        before, after = (ast.unparse(of).splitlines()[1:] for of in (original, node))
        lines = [
            line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:3] not in ("---", "+++")
        ]
        told = " ".join(f"{line[0]} {line[1:].strip()}" for line in lines if line[0] in "+-")
        short = f"{name.split(_MARK)[0].removeprefix('x_').replace('xǁ', '').replace('ǁ', '.')}: {told}"
        seen[short] += 1
        names[name] = short if seen[short] == 1 else f"{short} #{seen[short]}"
    return names
