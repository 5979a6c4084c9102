"""Messages: sends them by the ledger, each at most once, and serves their contents.

send.py           commits a message to the ledger, or queues a failed one again
draft.py          a complete message that is not in the ledger yet
preparing.py      decides whether a message may be sent, and completes it
recipients.py     chooses the recipients of an answer
preview.py        shows what sending would do
retry.py          queues a message again on a person's word
outcome.py        answers the sender
deliver.py        the worker: claims, hands over once, records
due_messages.py   enqueues messages, each into the queue of its channel
advice.py         what a person can do about a failed message
delivery_log.py   logs sends that failed or wait
early_reports.py  applies reports that came before their message was known
ledger_epoch.py   stops sending from a restored database
uploads.py        files that are announced, uploaded and claimed by a message
attachments.py    serves stored fields and files
display.py        shows a message as a page
channels/         what differs between WhatsApp and mail
"""

OFFERS = (
    "attachments",
    "channels.base",
    "channels.email.channel",
    "channels.email.compose",
    "channels.email.limits",
    "channels.email.submit",
    "channels.email.suspension",
    "channels.whatsapp.channel",
    "channels.whatsapp.inbound",
    "deliver",
    "delivery_log",
    "display",
    "due_messages",
    "ledger_epoch",
    "preview",
    "recipients",
    "send",
    "uploads",
)
"""The modules that other areas may import."""

TOUCHES = (
    "customers",
    "email_sync",
    "email_templates",
    "integrations",
    "realtime",
    "status",
    "threads",
    "webhooks",
)
"""The areas of its layer that it imports."""
