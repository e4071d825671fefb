"""What only messengers bring finds its place: edits, albums, buttons, groups that move.

Reads understood arrivals; changes messages and inquiries where no rule is asked.
"""
