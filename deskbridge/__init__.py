"""Puts it together: wiring, supervision, command line. Knows everyone; nobody knows it."""
