"""Maps what an IMAP server or its connection does wrong to provider errors."""

import re

from banxway.errors import (
    HostRefused,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
)
from banxway.models.integrations.credentials import MailServer
from banxway.providers.mail.imap.session import LoginRefused
from banxway.providers.mail.imap.wire import ServerHungUp, ServerRefused
from banxway.providers.mail.server_words import reason_of_farewell, reason_of_overload, reason_of_refusal
from banxway.providers.mail.transport import MailErrors
from banxway.reasons import Reason

_OVERLOADED = re.compile(
    r"\[(LIMIT|INUSE|UNAVAILABLE|SERVERBUG)\]|too many|maximum|limit|overload|busy|try again|temporar",
    re.IGNORECASE,
)


class ImapErrors(MailErrors):
    """Makes the errors of one IMAP account; none of them contains its password."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(server, "imap")

    def provider_error(
        self, error: Exception, operation: str, *, was_connected: bool
    ) -> ProviderError | None:
        """Return the provider error to raise for an exception, or None for a bug of ours."""
        if isinstance(error, LoginRefused):
            return self._login_refused(str(error), operation)
        if isinstance(error, ServerRefused):
            return self.refused_error(str(error), operation)
        if isinstance(error, ServerHungUp):
            return self._broken(str(error), operation)
        if isinstance(error, TimeoutError) and was_connected:
            return ProviderTimeout("Connection timeout", reason=Reason.TIMEOUT, **self.facts(operation))
        if isinstance(error, HostRefused | OSError):
            return self.unreachable(error, operation)
        if isinstance(error, ValueError):
            message = "The mail server's answer is unreadable"
            return ProviderUnavailable(message, reason=Reason.ANSWER_UNREADABLE, **self.facts(operation))
        return None

    def not_connected_error(self, operation: str) -> ProviderError:
        """Return the error of a call that needs a connection and an open folder and has none."""
        message = "Connection closed: open a folder first"
        return ProviderUnavailable(message, reason=Reason.CONNECTION_CLOSED, **self.facts(operation))

    def renumbered_error(self, operation: str) -> ProviderError:
        """Return the error for a folder whose UIDVALIDITY changed: its UIDs now mean other mails."""
        message = "The folder's messages were renumbered: list the folders again"
        return ProviderUnavailable(message, **self.facts(operation))

    def refused_error(self, answer: str, operation: str) -> ProviderError:
        """Return the error of a NO or BAD: final for opening a folder or modifying it, temporary for reading."""
        said = self.without_password(answer)
        is_final = operation in ("open", "mark_seen", "remove")
        kind = ProviderRejected if is_final else ProviderUnavailable
        message = f"The mail server refused: {said}"
        return kind(
            message, reason=reason_of_refusal(said, "imap"), provider_message=said, **self.facts(operation)
        )

    def _login_refused(self, answer: str, operation: str) -> ProviderError:
        said = self.without_password(answer)
        if _OVERLOADED.search(said) and "AUTHENTICATIONFAILED" not in said.upper():
            return self._overloaded(said, operation)
        return self.denied(said, operation)

    def _broken(self, farewell: str, operation: str) -> ProviderError:
        said = self.without_password(farewell)
        if _OVERLOADED.search(said):
            return self._overloaded(said, operation)
        message, reason = "Connection closed by the server", reason_of_farewell(said)
        return ProviderUnavailable(message, reason=reason, provider_message=said, **self.facts(operation))

    def _overloaded(self, said: str, operation: str) -> ProviderError:
        reason = reason_of_overload(said, "imap")
        return ProviderThrottled(said, reason=reason, provider_message=said, **self.facts(operation))
