"""Sources to records: finds what a source dropped and reads it, strictly, as its contract says.

Belongs here: contract files, finding deliveries, one reader per kind of transport, text to typed values, evidence.
Does not: storing anything, SQL, or an import of another package of this project than `contracts`.
"""
