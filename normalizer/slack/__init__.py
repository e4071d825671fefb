"""Slack's events: from JSON as it came to a message, an edit or a deletion.

Reads bytes and what the channel noted beside them; writes nothing, asks nobody.
"""
