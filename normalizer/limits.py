"""How much of a message we are willing to understand; what is over it is kept whole and marked."""

HEADER_BYTES = 128 * 1024
"""All header fields of one part together."""
FIELD_BYTES = 16 * 1024
"""One header field."""
FIELDS = 5_000
"""Header fields of a mail."""
PART_FIELDS = 200
"""Header fields of one of its parts."""
PARTS = 1_000
DEPTH = 30
ADDRESSES = 500
REFERENCES = 200
TEXT_CHARACTERS = 1_500_000
"""The readable text of a message."""
HTML_BYTES = 4 * 1024 * 1024
HTML_DEPTH = 250
LINES = 30_000
"""Lines of a text; what follows is kept as one."""
SPLIT_LINES = 8_000
"""Lines looked at for quotes and signatures; what follows counts as new words."""
LINE_CHARACTERS = 2_000
"""Of one line, when looking for patterns."""
