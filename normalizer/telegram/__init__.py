"""Telegram's updates become understood: words, files that are only named, changes, buttons, moves.

Reads the bytes of one update as the Bot API gives them.
"""
