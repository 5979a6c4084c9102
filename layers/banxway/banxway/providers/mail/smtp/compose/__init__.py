"""Composes a mail as bytes: its headers, its parts, and the whole."""
