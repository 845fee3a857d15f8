"""A province in a box: Thái Nguyên's first half of 2023 as every system would hold it, made from a seed.

Belongs here: the made world, what each system shows of it at an instant, the ledger of planted faults, the true figures.
Does not: servers and databases that serve it (demo/portal, demo/provincial), or anything the pipeline imports.
"""
