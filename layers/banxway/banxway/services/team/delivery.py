"""Has an invitation mailed by the sign-in service, or returns what the inviting person has to pass on."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from banxway.errors import Unavailable
from banxway.models.team import Delivery
from banxway.providers.base import UserPool
from banxway.reasons import Reason


class Delivered(NamedTuple):
    """How an invitation reaches the person."""

    delivery: Delivery
    sign_in_url: str | None


class InvitationDelivery:
    """Mails invitations through the user pool, where the deployment has one."""

    def __init__(self, user_pool: Callable[[], UserPool | None], *, console_origin: str | None) -> None:
        self._user_pool = user_pool
        self._console_origin = console_origin

    def deliver(self, *, user_id: UUID, email: str, name: str) -> Delivered:
        """Mail a saved invitation, first or again. Raises Unavailable if the sign-in service did not mail it.

        It is passed on by hand where there is no user pool, and to somebody whose account has been used before.
        """
        pool = self._user_pool()
        try:
            is_mailed = pool is not None and pool.invite(email=email, name=name)
        except Unavailable as error:
            raise Unavailable(
                "The invitation is saved, but the sign-in service did not mail it: send it again",
                reason=Reason.INVITATION_NOT_SENT,
                user_id=str(user_id),
            ) from error
        return Delivered("mail" if is_mailed else "by_hand", self._console_origin)

    def withdraw(self, email: str) -> None:
        """Delete the account that the invitation made, unless it has been used. Raises Unavailable."""
        if pool := self._user_pool():
            pool.withdraw(email)
