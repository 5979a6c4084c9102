"""The behaviour of the product, one area each."""
