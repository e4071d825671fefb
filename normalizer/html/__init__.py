"""HTML that strangers send: what is too much of it, what it says, and what of it may be shown.

Reads markup; ``nesting`` looks at it before any parser does, ``text`` writes the words onto a
``page`` by the ``signs`` of its tags, ``clean`` returns markup that runs nothing.
"""
