"""Keeps the accounts of a Cognito user pool in step with the members: who is invited, and who may still sign in.

An account's user name is its subject; Cognito also finds it by its e-mail address, which is its sign-in name.
"""

from collections.abc import Callable
from typing import Any

from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.reasons import Reason

_NEVER_SIGNED_IN = "FORCE_CHANGE_PASSWORD"


class CognitoUserPool:
    """Makes, enables, disables and deletes accounts of one pool; its client is created on first use."""

    def __init__(self, pool_id: str, make_client: Callable[[], Any]) -> None:
        self._pool_id = pool_id
        self._make_client = make_client
        self._client: Any = None

    def invite(self, *, email: str, name: str) -> bool:
        """Have an invitation mailed with a temporary password, again if that was done before. Raises Unavailable.

        Returns False, and mails nothing, if the address has an account whose owner has signed in before; such an
        account is enabled.
        """
        account = self._find(email)
        if account is None:
            self._create(email, name)
            return True
        if account["UserStatus"] == _NEVER_SIGNED_IN:
            self._call(
                "admin_create_user",
                # By the address: it takes no subject here.
                Username=email,
                MessageAction="RESEND",
                DesiredDeliveryMediums=["EMAIL"],
            )
            return True
        if not account["Enabled"]:
            self._call("admin_enable_user", Username=account["Username"])
        return False

    def withdraw(self, email: str) -> None:
        """Delete the account of an address if nobody has ever signed in to it. Raises Unavailable."""
        account = self._find(email)
        if account is not None and account["UserStatus"] == _NEVER_SIGNED_IN:
            self._call("admin_delete_user", Username=account["Username"])

    def disable(self, subject: str) -> None:
        """End an account's sessions and refuse new ones; harmless if it is not the pool's. Raises Unavailable."""
        self._call("admin_disable_user", Username=subject)
        self._call("admin_user_global_sign_out", Username=subject)

    def enable(self, subject: str) -> None:
        """Let an account sign in again; harmless if it is not the pool's. Raises Unavailable."""
        self._call("admin_enable_user", Username=subject)

    def _create(self, email: str, name: str) -> None:
        attributes = {
            "email": email,
            # Only who reads the invitation's mail learns the temporary password, which proves the address.
            "email_verified": "true",
            "name": name,
        }
        self._call(
            "admin_create_user",
            Username=email,
            UserAttributes=[{"Name": each, "Value": value} for each, value in attributes.items()],
            DesiredDeliveryMediums=["EMAIL"],
        )

    def _find(self, email: str) -> dict[str, Any] | None:
        return self._call("admin_get_user", Username=email)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any] | None:
        """Return the pool's answer; None if it has no such account."""
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            self._client = self._make_client()
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(UserPoolId=self._pool_id, **arguments)
        except self._client.exceptions.UserNotFoundException:
            return None
        except (BotoCoreError, ClientError) as error:
            get_logger().error("the user pool refuses", operation=operation, error=str(error))
            raise Unavailable(
                "The sign-in service does not answer as it should; try again shortly",
                reason=Reason.SIGN_IN_SERVICE_DOWN,
            ) from error
        return answer
