"""The gate: which checks a release needs, their thresholds with the reason beside each, and running them.

Belongs here: the suite (suite.yml) and Great Expectations, which no other room imports. Does not: deciding what follows
from the results (contracts/checks and the database) or publishing.
"""
