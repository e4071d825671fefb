"""Every way in and out, one module or package per kind. Reads the outside world; writes arrivals, sends dispatches."""
