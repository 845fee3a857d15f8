"""Evidence of a release for somebody who has nothing but a folder and a public key: signing, packing, checking.

Belongs here: keys, signed envelopes, what they state, the form of exported tables, and checking all of it. Does not: a
database or configuration; whoever checks a pack has neither.
"""
