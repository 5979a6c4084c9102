"""Turns bytes into text: declared charsets, encoded words, and good guesses where nothing is declared."""
