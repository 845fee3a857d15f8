"""What people read: figures, catalogue changes, explanations, as tables, JSON or CSV, in English or Vietnamese.

Belongs here: reading marts, release and audit, and laying out what was found. Does not: computing a verdict, or reading
raw rows and candidates.
"""
