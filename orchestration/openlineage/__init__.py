"""A run as OpenLineage events: what ran, what it read and wrote, what was checked.

Belongs here: the words of that standard. Does not: what a run does, or Dagster's own record of it.
"""
