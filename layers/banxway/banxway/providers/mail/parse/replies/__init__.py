"""Splits a mail's text into reply, quote and signature; when unsure, all of it is the reply."""
