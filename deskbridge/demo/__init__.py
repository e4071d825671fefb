"""A desk to try: its configuration, and customers who write to it by themselves."""
