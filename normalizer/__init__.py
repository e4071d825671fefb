"""Raw arrivals become understood: any bytes in, one ``Understood`` out, never an exception.

Reads the arrival's bytes, its envelope and what the stage knows; pure but for ``stage.py`` and
``workers.py``, which read arrivals and write messages.
"""
