"""Journals: append-only files of what each process logs, complete by themselves."""
