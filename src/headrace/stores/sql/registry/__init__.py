"""Registered models and their versions in the SQL store."""
