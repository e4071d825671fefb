"""What travels through the bridge: values, their states, their failures.

Reads nothing, writes nothing; imports the standard library only.
"""
