"""The desk's own mail server: SMTP from anywhere, LMTP from a mail server in front.

Reads connections; writes arrivals, and answers 250 only when they are on stable storage.
"""
