"""Creates an organization with its first admin: work of the deployer, who has the address of the tables' owner."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from banxway.errors import Conflict
from banxway.models.organizations import CreatedOrganization, OrganizationToCreate
from banxway.models.team import MemberToInvite
from banxway.reasons import Reason
from banxway.services.team.delivery import InvitationDelivery
from banxway.storage import organizations
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.database import Transaction
from banxway.storage.team import MemberRow


class _Saved(NamedTuple):
    organization_id: UUID
    admin: MemberRow
    is_new: bool


class OrganizationCreation:
    """Creates organizations."""

    def __init__(
        self,
        owner_url: Callable[[], str],
        *,
        delivery: InvitationDelivery,
        new_id: Callable[[], UUID],
    ) -> None:
        self._owner_url = owner_url
        self._delivery = delivery
        self._new_id = new_id

    def create(self, given: OrganizationToCreate) -> CreatedOrganization:
        """Create an organization and invite its first admin, then have the invitation mailed.

        Given the same name and address again, it creates nothing: it opens the invitation for another seven days and
        sends it again. Raises Conflict, with the organization's id, once that person is a member; Unavailable if
        everything is saved and the invitation was not mailed.
        """
        with organizations.as_owner(self._owner_url()) as transaction:
            saved = _invited_again(transaction, given) or self._add(transaction, given)
        delivered = self._delivery.deliver(
            user_id=saved.admin.id, email=saved.admin.email, name=saved.admin.name
        )
        expires_at = saved.admin.invitation_expires_at
        if expires_at is None:
            raise LookupError("an invitation that was just saved is not open")
        return CreatedOrganization(
            organization_id=saved.organization_id,
            name=given.name,
            admin=saved.admin.email,
            is_new=saved.is_new,
            invitation_expires_at=expires_at,
            delivery=delivered.delivery,
            sign_in_url=delivered.sign_in_url,
        )

    def _add(self, transaction: Transaction, given: OrganizationToCreate) -> _Saved:
        organization_id = self._new_id()
        organizations.enter(transaction, organization_id)
        organizations.add(transaction, organization_id, given.name)
        # The admin changes the name later; until then the address is all that is known.
        person = MemberToInvite.model_construct(email=given.admin, name=given.admin, role="admin")
        users.invite(transaction, organization_id=organization_id, person=person, invited_by=None)
        _record(transaction, organization_id, "organization.create", name=given.name)
        _record(transaction, organization_id, "member.invite", email=given.admin, role="admin")
        return _saved(transaction, organization_id, given, is_new=True)


def _invited_again(transaction: Transaction, given: OrganizationToCreate) -> _Saved | None:
    """Open the invitation of the same person to an organization of the same name again; None if there is none."""
    for organization_id in organizations.list_named(transaction, given.name):
        organizations.enter(transaction, organization_id)
        person = users.find_by_email(transaction, given.admin)
        if person is None:
            continue
        if not person.is_invited:
            raise Conflict(
                f"{given.name} exists already, with the id {organization_id}, and {given.admin} is a member of it",
                reason=Reason.ALREADY_MEMBER,
                organization_id=str(organization_id),
            )
        users.renew_invitation(transaction, person.id, invited_by=None)
        _record(transaction, organization_id, "member.invite_again", email=given.admin)
        return _saved(transaction, organization_id, given, is_new=False)
    return None


def _saved(
    transaction: Transaction, organization_id: UUID, given: OrganizationToCreate, *, is_new: bool
) -> _Saved:
    admin = users.find_by_email(transaction, given.admin)
    if admin is None:
        raise LookupError("an invitation that was just saved is not there")
    return _Saved(organization_id, admin, is_new)


def _record(transaction: Transaction, organization_id: UUID, action: str, **details: str) -> None:
    audit.append(
        transaction, organization_id=organization_id, action=action, succeeded=True, details=dict(details)
    )
