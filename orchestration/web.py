"""What Dagster's web server loads: the definitions of the deployment named by MOTCUA_CONFIG.

Belongs here: the one module-level `defs` that Dagster looks for. Does not: anything else; no other module imports this.
"""

import os

from orchestration.definitions import build_defs
from orchestration.settings import load_settings

defs = build_defs(load_settings(database=os.environ.get("MOTCUA_DATABASE_NAME") or None))
