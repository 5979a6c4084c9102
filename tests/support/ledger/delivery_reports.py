"""Delivery reports as mail servers write them (RFC 3464)."""

from typing import Any

from tests.support.mailboxes.arrivals import ASHA, Letter

OURS = "7b0c2f0e-0000-4000-8000-000000000001@yourdomain.com"
"""The Message-ID that a report is about, unless an argument names another."""


def report(
    recipient: str = ASHA,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    about: str = OURS,
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    **changes: Any,
) -> Letter:
    """Return a report that a recipient of ours was not reached."""
    body = "\r\n".join(
        [
            'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
            "MIME-Version: 1.0",
            "Auto-Submitted: auto-replied",
            "",
            "--r",
            "Content-Type: text/plain",
            "",
            "It could not be delivered.",
            "--r",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mx.example",
            "",
            f"Final-Recipient: rfc822; {recipient}",
            f"Action: {action}",
            f"Status: {status}",
            f"Diagnostic-Code: {diagnostic}",
            "",
            "--r",
            "Content-Type: text/rfc822-headers",
            "",
            f"Message-ID: <{about}>",
            "Subject: Your parcel",
            "",
            "--r--",
            "",
        ]
    )
    values: dict[str, Any] = {
        "text": "It could not be delivered.",
        "sender": "MAILER-DAEMON@mx.example",
        "subject": "Undelivered mail",
        "day": 1,
        "headers": ("Return-Path: <>",),
        "body": body,
    } | changes
    return Letter(**values)
