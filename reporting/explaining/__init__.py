"""From the address of a published figure to what it means, what it counts, where each thing counted stands and what made it.

Belongs here: `explaining.explain.explain` and what it consists of (model.py), and its three looks: text.py, page.py, JSON.
Does not: reading kept bytes (orchestration/proving holds an explanation against them).
"""
