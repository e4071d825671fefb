"""Decides where a message goes, by the operator's rules, with reasons.

Reads messages and facts, writes decisions; pure except for ``stage``.
"""
