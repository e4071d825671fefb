"""How a command can end: the exit codes that scripts rely on. ``ingest`` speaks sysexits."""

DONE = 0
PROBLEM = 1
"""It looked, and found a problem."""
WRONG_USAGE = 2
INVALID = 3
"""The configuration is wrong."""
NOTHING_THERE = 4
"""There is no such inquiry, message, dispatch."""
TRY_AGAIN = 5
"""The service or the database can't be reached or used, or is busy."""
