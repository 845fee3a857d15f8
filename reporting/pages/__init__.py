"""The pages of a release: one self-contained page in Vietnamese and English, and beside it one page of evidence a figure.

Belongs here: gathering what is published, laying it out, drawing its charts, as files in memory. Does not: computing a figure,
writing folders or answering requests (orchestration), or naming any person: these pages are for the public
(docs/runbooks/site.md).
"""
