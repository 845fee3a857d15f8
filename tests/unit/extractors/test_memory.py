"""Memory stays bounded, however long a line is: read in a process of its own, whose peak is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[3]
_LINE = 200_000_000
_SCRIPT = """
import resource, sys
from pathlib import Path
from contracts.source import SourceContract
from extractors.drops import read
layout = {"kind": sys.argv[2]}
if sys.argv[3] == "open":
    layout["final_newline"] = "optional"
source = SourceContract.model_validate({"name": "m", "owner": "", "cadence": "", "zone": "UTC", "streams": [{
    "name": "s", "files": "*", "layout": layout, "delivery": "full", "key": ["a"],
    "version": {"by": "file_name", "pattern": "(?P<date>x)"}, "fields": [{"name": "a", "required": True}, {"name": "b"}]}]})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows, faults = [], []
for batch in read(source.streams[0], source, Path(sys.argv[1]), "x"):
    rows += batch.rows["a"].to_list()
    faults += batch.quarantine
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(rows, [(fault.row_number, len(fault.value), fault.reason[:32]) for fault in faults], grown // 1024)
"""


@pytest.mark.parametrize(
    "end", ["middle", pytest.param("final", marks=pytest.mark.walk), pytest.param("open", marks=pytest.mark.walk)]
)
@pytest.mark.parametrize(
    ("kind", "filling"),
    [("delimited", b"x"), ("delimited", b"x,"), ("delimited", b'x",""\n,'), ("jsonlines", b"x")],
)
def test_a_line_of_200_megabytes(tmp_path, kind, filling, end):
    lines = kind == "jsonlines"
    file = tmp_path / "long"
    with file.open("wb") as out:
        out.write(b'{"a":"1","b":"2"}\n' if lines else b"a,b\n1,2\n")
        quoted = b'"' in filling
        out.write(b'{"a":"' if lines else b'9,"' if quoted else b"9,")
        piece = filling * (1_000_000 // len(filling))
        if quoted:
            piece = piece.replace(b'"', b'""')
        written = 0
        while written < _LINE:
            out.write(piece)
            written += len(piece)
        out.write(b'"' if quoted else b"")
        if end != "open":
            out.write(b"\n")
        if end == "middle":
            out.write(b'{"a":"3","b":"4"}\n' if lines else b"3,4\n")
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(file), kind, end],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    rows, told, grown = done.stdout.strip().replace("] [", "]|[").replace(")] ", ")]|").split("|")
    assert rows == ("['1', '3']" if end == "middle" else "['1']")
    assert told.startswith(f"[({1 + (not lines) + 1}, 1000, 'the record is 2")
    assert int(grown) < 150, f"the process grew by {grown} MB"


_RENDERING = """
import resource, sys, time
from contextlib import closing
from pathlib import Path
from contracts.source import SourceContract
from extractors.drops import read
from extractors.pseudonyms import Pseudonyms
from warehouse.copy_rows import Repeats
from warehouse.landing import rendered
from warehouse.read_ahead import read_ahead
source = SourceContract.model_validate({"name": "m", "owner": "", "cadence": "", "zone": "UTC", "streams": [{
    "name": "s", "files": "*", "layout": {"kind": "delimited"}, "delivery": "incremental", "key": ["a"],
    "version": {"by": "field", "field": "t"}, "fields": [
        {"name": "a", "type": "integer", "required": True}, {"name": "t", "type": "instant", "format": "%Y-%m-%d %H:%M:%S"},
        {"name": "who", "personal": True, "personal_kind": "identity"}, {"name": "n", "type": "number"}, {"name": "x"}]}]})
stream, rows, key = source.streams[0], 0, Pseudonyms(bytes(16))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
batches = read(stream, source, Path(sys.argv[1]), "x", pseudonyms=key)
with closing(read_ahead(rendered(stream, 1, Repeats(stream), batches), 1)) as ahead:
    for batch, encoded in ahead:
        time.sleep(0.03)  # a server that takes its time, so that what may be held is held
        rows += batch.rows.height
print(rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
_SHORT, _LONG = 400_000, 1_000_000


@pytest.mark.walk
def test_what_a_landing_holds_does_not_grow_with_the_file(tmp_path):
    """Read, hashed, typed and rendered ahead of the server: 24 MB of text and 60 MB need the same."""
    grown = {}
    for rows in (_SHORT, _LONG):
        file = tmp_path / f"{rows}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write("a,t,who,n,x\n")
            out.writelines(
                f"{at},2023-01-31 08:{at // 60 % 60:02}:{at % 60:02},9871{at:08},{at % 997}.5,Ngô Thử Mật {at % 13}\n"
                for at in range(rows)
            )
        done = subprocess.run(
            [sys.executable, "-c", _RENDERING, str(file)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        landed, grown[rows] = map(int, done.stdout.split())
        assert landed == rows
    assert grown[_LONG] < 300, f"the process grew by {grown[_LONG]} MB"
    assert grown[_LONG] - grown[_SHORT] < 60, f"36 MB more of text took {grown[_LONG] - grown[_SHORT]} MB more"
