"""Classifies who made a mail (a person, a machine, a list), and parses bounces and sender authentication."""
