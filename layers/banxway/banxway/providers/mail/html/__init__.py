"""Turns HTML mails into plain text, and makes them safe to show.

shape.py           detects HTML that would cost a parser too much
foreign.py         keeps the text after an unclosed drawing
text.py            turns HTML into plain text
display_quotes.py  folds the quote at the end of a mail
inline_styles.py   reduces style attributes to safe ones
sanitizing.py      makes HTML safe to show
display.py         renders a mail as a page
"""

OFFERS = ("display", "shape", "text")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
