"""A mailbox on somebody's IMAP server, read without leaving a trace but the one that was asked for.

Reads a folder and writes arrivals; moves or flags a mail only after it was accepted.
"""
