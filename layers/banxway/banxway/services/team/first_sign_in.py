"""Makes a member of a person who signs in for the first time, if exactly one organization has invited the address."""

from collections.abc import Sequence

from banxway.errors import NotAuthenticated, UnknownSubject
from banxway.models.actors import Actor
from banxway.reasons import Reason
from banxway.security.sessions import SessionClaims
from banxway.storage import team as users
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database
from banxway.storage.team import OpenInvitation


class FirstSignIn:
    """Accepts the invitation of a token's address in the name of its subject."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sign_in(self, claims: SessionClaims) -> Actor:
        """Return the new member, with the transaction open for the work that follows, as `Database.sign_in` does.

        Of two requests at once one accepts, and both go on. Raises NotAuthenticated with its own reason, and changes
        nothing, for an address that is missing, not verified or not invited, for an invitation that has expired, and
        for invitations of several organizations.
        """
        refusal = self._accept(claims)
        try:
            return self._database.sign_in(claims.subject)
        except UnknownSubject as unknown:
            raise (refusal or unknown) from None

    def _accept(self, claims: SessionClaims) -> NotAuthenticated | None:
        """Accept the one open invitation; return why that was not possible."""
        if claims.email is None:
            return _refusal(
                "You are not a member yet, and your session token has no e-mail address: let the sign-in service "
                "add it",
                Reason.EMAIL_MISSING,
            )
        if not claims.is_email_verified:
            return _refusal(
                "Your e-mail address is not verified: verify it with the sign-in service, then sign in again",
                Reason.EMAIL_NOT_VERIFIED,
            )
        with self._database.nobody() as transaction:
            found = users.list_invitations(transaction, claims.email)
        still_open = [each for each in found if not each.is_expired]
        if len(still_open) != 1:
            return _not_one(found, still_open)
        self._bind(still_open[0], claims.subject)
        return None

    def _bind(self, invitation: OpenInvitation, subject: str) -> None:
        with self._database.organization(invitation.organization_id) as transaction:
            if not users.accept_invitation(transaction, invitation.user_id, subject=subject):
                return
            audit.append(
                transaction,
                organization_id=invitation.organization_id,
                user_id=invitation.user_id,
                action="member.accept_invitation",
                succeeded=True,
                details={"user_id": str(invitation.user_id)},
            )


def _not_one(found: Sequence[OpenInvitation], still_open: Sequence[OpenInvitation]) -> NotAuthenticated:
    if still_open:
        return _refusal(
            f"{len(still_open)} organizations have invited you: ask all but one to revoke the invitation",
            Reason.SEVERAL_INVITATIONS,
        )
    if found:
        return _refusal(
            "Your invitation has expired: ask an admin to send it again", Reason.INVITATION_EXPIRED
        )
    return _refusal(
        "You are not a member yet, and nobody has invited you: ask an admin for an invitation",
        Reason.NO_INVITATION,
    )


def _refusal(sentence: str, reason: Reason) -> NotAuthenticated:
    return NotAuthenticated(sentence, reason=reason)
