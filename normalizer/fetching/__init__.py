"""Files that a message only names follow it: fetched by its channel, retried, kept by their hash.

Reads and writes fetches; what is here becomes an attachment.
"""
