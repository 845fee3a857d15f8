"""dbt's flags of an invocation.

Belongs here: those that models ask for. Does not: flags of the linter.
"""

FULL_REFRESH = False
