"""Every cause that the diagnosis knows, as plain text; docs/troubleshooting.md is made of it.

access.py      reaching the API at all: addresses, sessions, roles, permissions
platform.py    the deployment: database, clock, encryption, queues
exotel.py      Exotel's phone, SMS and WhatsApp
mail.py        mailboxes, sending and polling
webhooks.py    callbacks on their way to us
sending.py     messages on their way out
"""

from banxway.services.status.diagnosis.catalogue.access import CAUSES as ACCESS
from banxway.services.status.diagnosis.catalogue.exotel import CAUSES as EXOTEL
from banxway.services.status.diagnosis.catalogue.mail import CAUSES as MAIL
from banxway.services.status.diagnosis.catalogue.platform import CAUSES as PLATFORM
from banxway.services.status.diagnosis.catalogue.sending import CAUSES as SENDING
from banxway.services.status.diagnosis.catalogue.webhooks import CAUSES as WEBHOOKS
from banxway.services.status.diagnosis.causes import Cause

AREAS = {
    "access": "Reaching the API",
    "database": "Database",
    "encryption": "Encryption",
    "queues": "Queues",
    "integrations": "Integrations",
    "exotel": "Exotel",
    "whatsapp": "WhatsApp",
    "mail": "Mail servers",
    "polling": "Mail polling",
    "webhooks": "Webhooks",
    "sending": "Sending",
}
"""The areas and their headings, in the order in which causes lie: what is above explains what is below."""

CAUSES: dict[str, Cause] = {
    cause.code: cause for causes in (ACCESS, PLATFORM, EXOTEL, MAIL, WEBHOOKS, SENDING) for cause in causes
}
