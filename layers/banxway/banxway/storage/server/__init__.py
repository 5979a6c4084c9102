"""The database server: which one is refused, and what its refusals mean.

checks.py    refuses unsafe releases and roles
failures.py  what an error inside a transaction means
refusals.py  what a refused connection means, and what to do
"""

OFFERS = ("checks", "failures", "refusals")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
