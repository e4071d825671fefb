"""What all mail channels share: addresses, headers, the written form of an answer, and sending it.

Reads dispatches and the ``send`` part of a channel's settings; writes to a mail server or a folder.
"""
