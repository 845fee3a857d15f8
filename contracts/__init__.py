"""Pure types that cross rooms: what a source promises, what a delivery holds, what a check said.

Belongs here: frozen dataclasses, pydantic models and pure functions over them. Does not: input or output of any kind,
SQL, or an import of another package of this project.
"""
