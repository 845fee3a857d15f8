"""A stand-in for the national portal's gateway, with the faults of the real thing to order.

Belongs here: the server. Does not: the client (extractors/portal), of which nothing is imported here.
"""
