"""dbt's graph of the project.

Belongs here: that it knows no model while style is checked. Does not: the project.
"""

nodes: dict[str, object] = {}
