"""Telegram: a bot by long polling.

Reads updates from the Bot API into the inlet; writes messages to the chats they came from.
"""
