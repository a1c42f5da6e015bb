"""The current run: what a script says without naming a client, a store or a run.

Only here does a module hold state: which runs are open in this thread or context, which experiment and
which model are the current ones.
"""
