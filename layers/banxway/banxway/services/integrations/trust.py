"""Records whether stored credentials are verified: a success verifies them at once, a refusal ends that.

Every event that proves something about stored credentials is recorded here: a test by an admin or by the weekly
timer, and a message that was accepted or refused with them.
"""

from collections.abc import Mapping
from uuid import UUID

from banxway.errors import BanxwayError
from banxway.models.integrations.integrations import Doubt
from banxway.models.integrations.kinds import KINDS, ZOHO_MAIL
from banxway.models.status.notifications import INTEGRATION_FAILED
from banxway.services.status.notifications import Notifications
from banxway.storage import email_accounts
from banxway.storage.database import Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import IntegrationRow


def trust(transaction: Transaction, notifications: Notifications, row: IntegrationRow) -> None:
    """Record that the credentials of this row have just worked; does nothing if others are stored by now."""
    if integrations.mark_verified(transaction, row):
        if row.integration_type == ZOHO_MAIL.type:
            # A mailbox and its integration are two views of one login.
            email_accounts.mark_verified(transaction, row.settings)
        notifications.close(transaction, INTEGRATION_FAILED, row.integration_type)


def doubt(
    transaction: Transaction,
    notifications: Notifications,
    organization_id: UUID,
    integration_type: str,
    why: Doubt,
    error: BanxwayError,
) -> None:
    """Record that stored credentials were refused, and notify admins when that begins, not at every message."""
    reason = _reason(error)
    has_changed = integrations.mark_denied(transaction, integration_type, doubt=why, reason=reason)
    if has_changed or why == "test_failed":
        notifications.open(
            transaction,
            organization_id=organization_id,
            kind=INTEGRATION_FAILED,
            subject=integration_type,
            sentence=_sentence(integration_type, why, reason),
        )


def is_still_stored(transaction: Transaction, row: IntegrationRow) -> bool:
    """Return whether the tested credentials are still stored; a re-wrapped envelope counts as replaced."""
    now = integrations.find_by_id(transaction, row.id)
    return now is not None and now.credentials_encrypted == row.credentials_encrypted


def _reason(error: BanxwayError) -> str:
    fix = error.details.get("fix")
    return f"{error.message}. {fix}" if fix else error.message


def _sentence(integration_type: str, why: Doubt, reason: str) -> str:
    kind = KINDS[integration_type]
    beginnings: Mapping[Doubt, str] = {
        "test_failed": f"The test of {kind.name} failed: {reason}.",
        "send_refused": f"Exotel refused the credentials of {kind.name} while sending: {reason}.",
    }
    return f"{beginnings[why]} Then test it again, or enter working credentials, under {kind.page}"
