"""Turns bytes into text by declared charsets and encoded words, and guesses a charset where none is declared."""
