"""Manages vacation responders; vacation.py answers."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.auto_replies.vacation import VacationResponder, VacationSettings
from banxway.models.channels import EMAIL
from banxway.security.redaction import masked_pairs
from banxway.storage import email_accounts
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.auto_replies import vacation
from banxway.storage.database import Database, Transaction
from banxway.storage.rows import columns_of


class VacationResponders:
    """Reads and sets the vacation responders of an organization's mailboxes."""

    def __init__(self, database: Database, *, to_text: Callable[[str], str]) -> None:
        self._database = database
        self._to_text = to_text

    def get(self, *, actor: Actor, account_id: UUID) -> VacationResponder:
        """Return a mailbox's responder; if none was ever set, one that is off. Raises NotFound for the mailbox."""
        with self._database.as_actor(actor) as transaction:
            _require_mailbox(transaction, account_id)
            return _current(transaction, account_id)

    def set(
        self, *, actor: Actor, account_id: UUID, settings: VacationSettings, based_on: str | None = None
    ) -> VacationResponder:
        """Replace a mailbox's responder. Raises NotFound for the mailbox, ChangedMeanwhile.

        Without a text, the text is made from the HTML. A responder that is switched on answers mail that arrives from
        now on. Switching it off and on does not answer a person twice within the period.
        """
        values = settings.model_dump()
        if not values["content_text"] and values["content_html"]:
            values["content_text"] = self._to_text(values["content_html"])
        with self._database.as_actor(actor) as transaction:
            # A responder that does not exist yet cannot be locked, but its mailbox can.
            if email_accounts.lock(transaction, account_id) is None:
                raise NotFound("Email account not found")
            before = _current(transaction, account_id)
            require_version(
                transaction,
                based_on,
                before.version,
                actions=("vacation.update",),
                about={"account_id": str(account_id)},
            )
            vacation.save(
                transaction, organization_id=actor.organization_id, account_id=account_id, values=values
            )
            after = _current(transaction, account_id)
            old, new = masked_pairs(_shown(before), _shown(after))
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                integration_type=EMAIL.integration_type,
                action="vacation.update",
                succeeded=True,
                details={"account_id": str(account_id), "before": old, "after": new},
            )
            return after


def _require_mailbox(transaction: Transaction, account_id: UUID) -> None:
    if email_accounts.find(transaction, account_id) is None:
        raise NotFound("Email account not found")


def _current(transaction: Transaction, account_id: UUID) -> VacationResponder:
    row = vacation.find(transaction, account_id)
    if row is not None:
        return VacationResponder(**columns_of(row))
    off = VacationSettings(is_active=False).model_dump()
    return VacationResponder(account_id=account_id, activated_at=None, updated_at=None, **off)


def _shown(responder: VacationResponder) -> Mapping[str, Any]:
    return responder.model_dump(mode="json", exclude={"account_id", "activated_at", "updated_at", "version"})
