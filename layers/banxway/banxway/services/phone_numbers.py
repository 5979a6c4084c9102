"""Lists phone numbers for agents, and assigns and changes them for admins and managers."""

from uuid import UUID

from banxway.errors import Conflict, NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.integrations.kinds import PHONE
from banxway.models.pages import Page, page_of
from banxway.models.phone_numbers import NumberAssignment, NumberChange, PhoneNumber, PhoneNumberQuery
from banxway.storage import phone_numbers
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction


class PhoneNumbers:
    """Lists, assigns and changes the organization's numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(self, *, actor: Actor, query: PhoneNumberQuery) -> Page[PhoneNumber]:
        """Return the active numbers, or all, the primary first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            numbers = phone_numbers.list_all(transaction, include_inactive=query.include_inactive)
        return page_of(numbers, query, name="phone numbers", id_of=lambda number: number.id)

    def assign(
        self, *, actor: Actor, number_id: UUID, assignment: NumberAssignment, based_on: str | None = None
    ) -> PhoneNumber:
        """Assign a number to a member or to nobody.

        Raises NotFound for the number, ChangedMeanwhile, ValidationFailed for a user who is not an active member,
        Conflict for a number that is gone at the provider.
        """
        with self._database.as_actor(actor) as transaction:
            number = _require(transaction, number_id)
            _require_version(transaction, based_on, number)
            if assignment.user_id is not None:
                _require_assignable(transaction, number, assignment.user_id)
            phone_numbers.assign(transaction, number_id=number_id, user_id=assignment.user_id)
            return self._audited(transaction, actor, "phone_number.assign", number)

    def update(
        self, *, actor: Actor, number_id: UUID, change: NumberChange, based_on: str | None = None
    ) -> PhoneNumber:
        """Rename a number, or make it the one primary number.

        Raises NotFound, ChangedMeanwhile, Conflict for an inactive one.
        """
        with self._database.as_actor(actor) as transaction:
            number = _require(transaction, number_id)
            _require_version(transaction, based_on, number)
            if change.is_primary:
                _require_active(number)
                phone_numbers.make_primary(transaction, number_id=number_id)
            if change.display_name is not None:
                phone_numbers.rename(transaction, number_id=number_id, display_name=change.display_name)
            return self._audited(transaction, actor, "phone_number.update", number)

    def _audited(
        self, transaction: Transaction, actor: Actor, action: str, before: PhoneNumber
    ) -> PhoneNumber:
        after = _require(transaction, before.id)
        # The trail names people by their ids alone.
        names = PhoneNumber.model_fields.keys() - {"assigned_to_user_name"}
        changed = {name for name in names if getattr(before, name) != getattr(after, name)}
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            integration_type=PHONE.type,
            action=action,
            succeeded=True,
            details={
                "number_id": str(before.id),
                "before": before.model_dump(mode="json", include=changed),
                "after": after.model_dump(mode="json", include=changed),
            },
        )
        return after


def _require(transaction: Transaction, number_id: UUID) -> PhoneNumber:
    number = phone_numbers.find(transaction, number_id)
    if number is None:
        raise NotFound("Phone number not found")
    return number


def _require_version(transaction: Transaction, based_on: str | None, number: PhoneNumber) -> None:
    require_version(
        transaction,
        based_on,
        number.version,
        actions=("phone_number.assign", "phone_number.update"),
        about={"number_id": str(number.id)},
    )


def _require_active(number: PhoneNumber) -> None:
    if not number.is_active:
        raise Conflict("This number is gone at the provider: sync the numbers, or choose another")


def _require_assignable(transaction: Transaction, number: PhoneNumber, user_id: UUID) -> None:
    _require_active(number)
    user = users.find(transaction, user_id)
    if user is None or not user.is_active:
        raise ValidationFailed("user_id must be an active member of this organization", field="user_id")
