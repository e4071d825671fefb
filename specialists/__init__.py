"""The people: queues, whose turn it is, and what they do with an inquiry.

Reads inquiries that nobody has been given; writes assignments, answers, notes, states, history.
"""
