"""Banxway Integrations: the product's package, shared by every function as one layer."""
