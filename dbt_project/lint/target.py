"""dbt's target: where it builds.

Belongs here: what models ask of it. Does not: connections.
"""

database = "motcua"
