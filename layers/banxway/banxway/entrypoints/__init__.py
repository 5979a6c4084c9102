"""Turns each kind of trigger into one service call, and what it returns or raises into an answer."""
