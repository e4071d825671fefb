"""The hop from understood to decided: a message opens an inquiry, joins one, or lies aside.

Reads understood arrivals; writes inquiries, decisions and the replies that rules promise. In the
order of the work: ``step`` takes a batch, ``ahead`` reads it while nobody waits, ``placing`` is one
arrival on its way, ``message`` finds its inquiry, ``copies`` knows the same mail sent twice,
``facts`` looks up what rules may ask, ``inquiries`` opens and continues.
"""
