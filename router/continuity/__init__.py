"""The same person on another channel: what proves it in a chat, what somebody says of themselves.

Reads messages of messengers; writes claims, joins and the answers that belong to them.
"""
