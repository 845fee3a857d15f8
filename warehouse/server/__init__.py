"""The embedded PostgreSQL server: starting it, sharing it between programs, stopping it.

Belongs here: the server as a process, its data directory, who is using it and how it is reached. Does not: databases,
roles, schemas or anything said in SQL beyond asking the server who it is. Import from `warehouse.server.launcher`.
"""
