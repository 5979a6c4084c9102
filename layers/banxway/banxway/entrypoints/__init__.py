"""Turns each kind of trigger into one service call, and the call's result or error into an answer."""
