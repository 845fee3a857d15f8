"""The province's own information system, as a database that stands in for it.

Belongs here: its tables, filling them from a generated state, a login that may only read. Does not: making the state
(demo/province), or the reader (extractors/tables), which knows nothing of this.
"""
