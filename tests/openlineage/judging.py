"""Events held against what OpenLineage requires (requirements.yml), and a server that does so with all it is sent.

Belongs here: these. Does not: tests.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from jsonschema import Draft202012Validator, FormatChecker

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("uuid", raises=ValueError)
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or str(UUID(value)) == value


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    """RFC 3986: a scheme, then only characters that may stand in a URI."""
    return not isinstance(value, str) or bool(
        re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", value)
    )


@cache
def _required() -> tuple[Draft202012Validator, dict[str, tuple[str, Draft202012Validator]]]:
    told: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "requirements.yml").read_text(encoding="utf-8"))
    facets = {}
    for name, facet in told["facets"].items():
        known = facet["version"].rpartition("/")[2]
        schema = {
            "type": "object",
            "required": ["_producer", "_schemaURL", *facet["required"]],
            "additionalProperties": False,
            "properties": {
                "_producer": {"type": "string", "format": "uri"},
                "_schemaURL": {"const": f"https://openlineage.io/spec/{facet['version']}.json#/$defs/{known}"},
                **facet["properties"],
            },
        }
        Draft202012Validator.check_schema(schema)
        facets[name] = (facet["place"], Draft202012Validator(schema, format_checker=_FORMATS))
    Draft202012Validator.check_schema(told["event"])
    return Draft202012Validator(told["event"], format_checker=_FORMATS), facets


def problems_of(event: dict[str, Any]) -> list[str]:
    """What about an event is not as the specification says."""
    whole, facets = _required()
    found = [error.message for error in whole.iter_errors(event)]
    if found:
        return found
    places = [("run", event["run"].get("facets", {})), ("job", event["job"].get("facets", {}))]
    for dataset in [*event["inputs"], *event["outputs"]]:
        places.append(("dataset", dataset.get("facets", {})))
        places += [(kind, dataset.get(f"{kind}Facets", {})) for kind in ("input", "output")]
    for place, held in places:
        for name, facet in held.items():
            if name not in facets or facets[name][0] != place:
                found.append(f"{name} is no facet of a {place}")
            else:
                found += [f"{name}: {error.message}" for error in facets[name][1].iter_errors(facet)]
    return found


@dataclass
class Backend:
    """An endpoint for events: what it was sent, with which token, and what was wrong with it."""

    url: str
    status: int = 201
    events: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@contextmanager
def backend(status: int = 201) -> Iterator[Backend]:
    """A server on loopback that takes events at api/v1/lineage and judges each."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/api/v1/lineage":
                known.problems.append(f"posted to {self.path}")
            known.tokens.add(self.headers.get("Authorization"))
            known.events.append(event)
            known.problems += problems_of(event)
            self.send_response(known.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Backend(f"http://127.0.0.1:{server.server_port}", status)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
