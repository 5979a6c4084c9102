"""The team: its members, the people who are invited, and how each of them signs in for the first time.

members.py        lists and changes members
invitations.py    invites people, sends an invitation again, and revokes it
delivery.py       has an invitation mailed, or says how to pass it on
first_sign_in.py  makes a member of the person whose address is invited
me.py             the signed-in user
"""

OFFERS = ("delivery", "first_sign_in", "invitations", "me", "members")
"""The modules that other areas may import."""

TOUCHES = ("realtime",)
"""The areas of its layer that it imports."""
