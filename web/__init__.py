"""Windows on the bridge: console for specialists, status pages and forms for customers, health.

Reads the database through ``storage``; what people do becomes a call of ``specialists.acts`` or, if
it comes from outside, an arrival. Every route stands in ``access.py``; the rest is refused.
"""
