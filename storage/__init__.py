"""Underneath: SQLite or PostgreSQL, the SQL, migrations and originals.

One text of SQL and one Python function per statement or transition serve both databases.
"""
