"""Where experiments and runs are kept: one protocol, several stores."""
