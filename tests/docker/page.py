"""What a person does on Dagster's page, by the questions the page itself asks. Run in the network where the page is.

Belongs here: starting a run, hearing how it went, listing the history; answers go to standard output as JSON. Does not:
what is asserted (test_stack.py).
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from typing import Any

PAGE = "http://127.0.0.1:3000/graphql"
JOB = {"repositoryLocationName": "motcua", "repositoryName": "__repository__", "jobName": "motcua_run"}
_LAUNCH = """mutation ($job: JobOrPipelineSelector!) { launchRun(executionParams: {selector: $job}) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on PipelineNotFoundError { message } } }"""
_STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_HISTORY = "{ runsOrError { ... on Runs { results { runId status } } } }"


def ask(query: str, **variables: Any) -> dict[str, Any]:
    """Raises RuntimeError with what the page said was wrong."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(PAGE, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.load(answer)
    if told.get("errors"):
        raise RuntimeError(str(told["errors"]))
    found: dict[str, Any] = told["data"]
    return found


def launch() -> dict[str, Any]:
    """Starts the job and waits for its end."""
    begun = ask(_LAUNCH, job=JOB)["launchRun"]
    if begun["__typename"] != "LaunchRunSuccess":
        raise RuntimeError(str(begun))
    run = begun["run"]["runId"]
    until = time.monotonic() + 300
    while True:
        status = ask(_STATUS, id=run)["runOrError"]["status"]
        if status in {"SUCCESS", "FAILURE", "CANCELED"} or time.monotonic() > until:
            return {"run": run, "status": status}
        time.sleep(1)


def history() -> dict[str, Any]:
    """Every run the page shows."""
    runs = ask(_HISTORY)["runsOrError"]["results"]
    return {"statuses": {entry["runId"]: entry["status"] for entry in runs}}


if __name__ == "__main__":
    print(json.dumps({"launch": launch, "history": history}[sys.argv[1]]()))
