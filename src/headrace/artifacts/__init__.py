"""Where files are kept: one protocol, several backends."""
