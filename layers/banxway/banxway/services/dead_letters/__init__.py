"""Dead letters: records what workers gave up, and lets people redrive or discard it.

record.py    records an item that was given up, and notifies admins
subjects.py  what an item is about, and what redriving it does
words.py     queues and causes in plain words, with advice
lists.py     shows dead letters, in groups and one by one
choosing.py  finds the dead letters that a person has chosen
redrive.py   puts dead letters into their queue again
discard.py   ends dead letters with a reason
"""

OFFERS = ("discard", "lists", "record", "redrive")
"""The modules that other areas may import."""

TOUCHES = ("realtime", "status")
"""The areas of its layer that it imports."""
