"""The desk's own mail server: SMTP from anywhere, LMTP from a mail server in front.

Reads connections; writes arrivals, and answers 250 only when they are on stable storage. A mail
comes by ``listener`` and ``connection``; ``commands`` hear what is ``announced`` (ordinary ones
``at_once``), ``data`` reads it by ``incoming`` and ``body``, ``delivery`` hands it on.
"""
