"""Rules for inbound mail: match conditions, then tag, assign, forward or mark as spam.

rules.py     lists, saves, changes, orders and removes rules
run.py       runs the rules over filed mail
match.py     matches a rule's conditions with a mail
patterns.py  compares texts, in linear time
forward.py   forwards mail by rule
dry_run.py   tries a rule on the mail of the last days
"""

OFFERS = ("dry_run", "forward", "rules", "run")
"""The modules that other areas may import."""

TOUCHES = ("auto_replies", "email_sync")
"""The areas of its layer that it imports."""
