"""Runs the whole bundle on one machine, as template.yaml says; never deployed."""
