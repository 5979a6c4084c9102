"""The database server: which one is refused, what its refusals mean, and how long it may take.

checks.py       refuses unsafe releases and roles
failures.py     what an error inside a transaction means
refusals.py     what a refused connection means, and what to do
time_limits.py  how long a statement, a lock and a pause may take, by the kind of function
"""

OFFERS = ("checks", "failures", "refusals", "time_limits")
"""The modules that other areas may import."""

TOUCHES = ()
"""The areas of its layer that it imports."""
