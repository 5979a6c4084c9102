"""Mail templates: manages and fills them; a value is escaped for the context that it is inserted in.

templates.py           lists, saves, changes, removes, previews and renders templates
insertion_contexts.py  finds the context of each variable in the HTML
"""

OFFERS = ("templates",)
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
