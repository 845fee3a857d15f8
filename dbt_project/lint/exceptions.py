"""dbt's errors.

Belongs here: that none is raised while style is checked, where nothing is known of the project. Does not: their words.
"""


def raise_compiler_error(message: str) -> str:
    """Says nothing."""
    return ""
