"""What the product does, one room for each area."""
