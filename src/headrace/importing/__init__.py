"""Runs that other tools recorded: each source gives plain nouns, one sink writes them into a store."""
