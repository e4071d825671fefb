"""Carrier pigeons: a channel that lives outside of deskbridge."""
