"""A sender's own headers: none that claims another sender, or that the mail is automatic."""

import pytest

from banxway.models.messages.outgoing_headers import is_free


@pytest.mark.parametrize(
    "name", ["X-Order", "x-campaign-7", "Keywords", "comments", "Organization", "Sensitivity"]
)
def test_a_header_of_ones_own_is_free(name: str) -> None:
    assert is_free(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "From",
            "Sender",
            "To",
            "Bcc",
            "Subject",
            "Date",
            "Message-ID",
            "References",
            "Received",
            "Return-Path",
        ),
        *("Content-Type", "MIME-Version", "DKIM-Signature", "Resent-From", "List-Id", "List-Unsubscribe"),
        *(
            "Auto-Submitted",
            "Precedence",
            "X-Auto-Response-Suppress",
            "X-Autoreply",
            "X-Auto-Submitted",
            "X-Loop",
        ),
        *("Importance", "X-Priority", "X-MSMail-Priority", "X-Mailer", "X-Spam-Flag", "X-Zoho-Virus-Status"),
        *("X-", "x", "", "X A", "X:", "X-\u00e9", "X-A\r\nBcc", "X-A\0"),
    ],
)
def test_a_header_that_is_ours_or_would_lie_is_not(name: str) -> None:
    assert not is_free(name)
