"""Timings that docs/performance.md quotes, as ratios of what was measured side by side in one run.

Belongs here: measuring the program as it is. Does not: tests (a timing never fails one) or anything the program imports.
"""
