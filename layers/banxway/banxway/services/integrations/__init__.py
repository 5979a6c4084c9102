"""Provider accounts: tests, saves and replaces credentials, and grants their use.

configure.py           tests typed credentials, saves them, and syncs the account's numbers
checks.py              tests an account at its provider
credentials.py         seals credentials, and opens them for a request
slots.py               the live credentials, and those that they replaced
environment.py         the deployment's own Exotel account, while an organization has saved none
read.py                lists, changes and removes integrations
readings.py            shows credentials to an admin, and records every reading
permissions.py         who may see and use an integration
stored_tests.py        tests credentials for an admin
rounds.py              enqueues the timers' work
upkeep.py              verifies stored credentials, and syncs numbers
whatsapp_templates.py  syncs and lists WhatsApp templates
trust.py               records whether credentials are verified
audit.py               records in the audit trail what happens to integrations
"""

OFFERS = (
    "audit",
    "checks",
    "configure",
    "credentials",
    "environment",
    "permissions",
    "read",
    "readings",
    "rounds",
    "slots",
    "stored_tests",
    "trust",
    "upkeep",
    "whatsapp_templates",
)
"""The modules that other areas may import."""

TOUCHES = ("email_accounts", "messages", "status", "webhooks")
"""The areas of its layer that it imports."""
