"""The commands that an operator runs by hand.

`make sql`, `make migrate`, `make organization`, `make logs` and `make support-bundle`.
"""
