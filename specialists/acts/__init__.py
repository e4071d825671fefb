"""What a specialist does with an inquiry: each act is one transaction, with its history.

A module per matter: what never reaches a customer (``notes``) stands apart from what speaks to one
(``answering``). ``progress`` says where an inquiry stands, ``handover`` who sees to it, ``marks``
how pressing it is; ``asides`` and ``joining`` settle who belongs to it.
"""
