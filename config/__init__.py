"""Reads the operator's YAML files into checked settings, or says what to correct and where.

Reads files and environment variables; writes nothing. Only ``deskbridge`` imports it.
"""
