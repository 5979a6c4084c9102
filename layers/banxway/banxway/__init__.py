"""Banxway Integrations: the product's package, which all functions share as one layer."""
