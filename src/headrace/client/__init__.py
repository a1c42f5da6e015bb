"""The explicit client: every operation by name, on the store of one tracking URI."""
