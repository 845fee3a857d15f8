"""Runs: the settings of a deployment, the Dagster definitions, the command line. A thin shell over the other rooms.

Belongs here: order, wiring and words to the user. Does not: reading, landing, judging or publishing.
"""
