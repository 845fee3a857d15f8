"""The demonstration: real deliveries kept compressed with their credits, unpacked where a source would drop them.

Belongs here: demo data, deployment files, `python -m demo`. Does not: anything the pipeline needs; nothing imports it.
"""
