"""What travels through the bridge: values, their states, their failures. Reads and writes nothing."""
