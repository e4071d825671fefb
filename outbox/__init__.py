"""Answer -> dispatch -> receipt: put into words and form, sent in order, retried, never forgotten.

Reads answers, inquiries and their messages; writes the outbox, what was sent, and history.
"""
