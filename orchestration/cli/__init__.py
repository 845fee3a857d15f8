"""The command line: parsing, words to the user, exit codes. Each command imports what it needs when it runs.

Belongs here: typer commands and how a failure is told. Does not: anything a program could not also call elsewhere.
"""
