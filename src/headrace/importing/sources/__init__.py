"""The reading half: one module for each kind of source, none of which knows another's format."""
