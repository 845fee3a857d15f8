"""Dagster's instance: where its run history lies, its telemetry off.

Belongs here: that folder. Does not: definitions, the containers' instance (docker/dagster.yaml).
"""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.failures import UsageError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

#: A folder with a dagster.yaml that somebody else looks after; several containers share one history this way.
FOLDER_VARIABLE = "MOTCUA_DAGSTER_HOME"
# Capturing each step's output costs two processes a step (a `tail` and a Python that watches it), and our steps say what
# they do in the run's own events and in the ledger.
_CONFIGURATION = """\
telemetry:
  enabled: false
storage:
  custom:
    module: orchestration.run_history
    class: RunHistory
    config:
      base_dir: {folder}
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def dagster_home(settings: Settings) -> Path:
    """The instance's folder: the home's, made if missing, unless MOTCUA_DAGSTER_HOME names one that is ready.

    One history for the command line and the web page. Raises UsageError when a named folder has no dagster.yaml.
    """
    given = os.environ.get(FOLDER_VARIABLE, "")
    if given:
        if not (Path(given) / "dagster.yaml").is_file():
            raise UsageError(f"{FOLDER_VARIABLE}: there is no {Path(given) / 'dagster.yaml'}")
        return Path(given)
    folder = settings.home.state / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    # JSON of a text is YAML of it, whatever signs a folder's name has.
    wanted = _CONFIGURATION.format(folder=json.dumps(str(folder)))
    if not file.exists() or file.read_text() != wanted:
        file.write_text(wanted)
    return folder


def instance(settings: Settings) -> DagsterInstance:
    """The instance of this home."""
    from dagster import DagsterInstance

    return DagsterInstance.from_config(str(dagster_home(settings)))


def free_port() -> int:
    """A port on loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
