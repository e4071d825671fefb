"""Every way in and out, one module or package per kind.

Reads the outside world and writes arrivals; takes dispatches and sends them.
"""
