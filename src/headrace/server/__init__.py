"""The server: a thin HTTP skin over a store that it is given."""
