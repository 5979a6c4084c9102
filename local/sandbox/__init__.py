"""Sandbox providers: a simulated Exotel, a mail server, and the API with which a person plays the customer.

`start` runs them on loopback ports, in a thread of their own. They share no code with the product, so
that what they recorded is independent evidence of what it did.
"""

from local.sandbox.service import MailServerAddress, Sandbox, start

__all__ = ["MailServerAddress", "Sandbox", "start"]
