"""Training recorded by one line of code: what is common to all libraries.

An `Integration` says which functions of a library train, what is recorded around them, and which options
there are; `switch.function_of` makes its ``autolog`` function. The integrations are in `headrace.flavors`.
"""
