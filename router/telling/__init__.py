"""Telling whoever was known before that somebody was joined to them, and how to undo it.

Reads contact points; writes notices of joins and the answers that carry them.
"""
