"""Sandbox providers: a simulated Exotel, a mail server, and a page on which a newcomer plays the customer.

`start` runs them on loopback ports, in a thread of their own. They know nothing of the product's code: what
they saw can stand as evidence against it.
"""

from local.sandbox.service import MailServerAddress, Sandbox, start

__all__ = ["MailServerAddress", "Sandbox", "start"]
