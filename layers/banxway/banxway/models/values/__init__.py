"""Single values: mail addresses, names, file names, days, and how a value is quoted in a sentence."""

OFFERS = ("days", "filenames", "mail_addresses", "names", "quoting", "versions")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
