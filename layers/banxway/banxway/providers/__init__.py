"""Clients of the outside world, one folder each, behind the protocols of `base`."""
