"""The only place that writes an inquiry: one function per transition, guarded by its state."""
