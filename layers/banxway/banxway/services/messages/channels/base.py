"""What a channel must be able to do, so that sending needs to know none of them.

    compose             what an agent asks for becomes a complete draft, or the reason why it may not leave
    require_sendable    a message that was composed before may leave now, or the reason why not
    hand_over           once, to the provider
    record_refusal      what a refusal says of more than this one message
    answer              the message in the words that its sender is shown

`channels/__init__.py` lists the channels; docs/adding-a-channel.md says how to add one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from banxway.errors import ProviderError
from banxway.models.actors import Actor
from banxway.models.channels import ChannelTraits
from banxway.models.messages.messages import AnyMessage, SentMessage
from banxway.models.messages.outgoing import Accepted
from banxway.models.messages.statuses import MessageStatus
from banxway.providers.base import Begin
from banxway.services.messages.draft import Draft
from banxway.storage.database import Transaction
from banxway.storage.integrations.integrations import IntegrationRow
from banxway.storage.messages.rows import MessageRow
from banxway.storage.threads.threads import ThreadRow


class SendingPaused(Exception):
    """Raised when nothing may leave by this message's sender now, so that nothing was handed over.

    The message waits in the ledger for at most `pause_s` seconds, with `reason` and `advice`. `cause` is the
    provider's refusal, if it was that.
    """

    def __init__(
        self, reason: str, advice: str, *, pause_s: float, cause: ProviderError | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.pause_s = pause_s
        self.cause = cause


class ClaimLost(Exception):
    """Raised by `begin` when a message must not be handed over: its claim is over, or evidence has settled it."""


@dataclass(frozen=True, slots=True)
class SendRequest:
    """What a user wants to send in a thread.

    With `keeps_files` the message's files are stored for good while it is composed; a preview keeps none.
    """

    actor: Actor
    thread: ThreadRow
    content: AnyMessage
    keeps_files: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The provider's acceptance; `proven` is an integration marked unverified whose credentials have now worked."""

    accepted: Accepted
    proven: IntegrationRow | None = None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long a message waits after a failed attempt: `first_s`, then `factor` times longer each time."""

    first_s: float
    factor: float

    def after(self, attempts: int) -> float:
        """Return the seconds to wait after this many attempts."""
        return self.first_s * self.factor ** (attempts - 1)


class Channel(Protocol):
    """One way to reach a customer.

    `accepted_status` is what a provider's acceptance proves: `sent` where it is the last word, else `accepted`.
    """

    traits: ChannelTraits
    accepted_status: MessageStatus
    backoff: Backoff

    def compose(self, transaction: Transaction, request: SendRequest) -> Draft:
        """Complete a message for a thread. Raises the reason why it may not be sent, before anything is written."""
        ...

    def require_sendable(self, transaction: Transaction, message: MessageRow) -> None:
        """Require that a message that was composed before may leave now. Raises what `compose` raises."""
        ...

    def hand_over(self, message: MessageRow, *, begin: Begin) -> HandedOver:
        """Give a claimed message to the provider, once. Raises SendingPaused, and what the provider client raises.

        `begin` is passed on to the provider client. Only OutcomeUnknown may have sent something.
        """
        ...

    def record_refusal(self, transaction: Transaction, message: MessageRow, error: ProviderError) -> None:
        """Record what a refusal says of the sender or its integration, and notify an admin where one must act."""
        ...

    def answer(self, message: MessageRow, status: MessageStatus) -> SentMessage:
        """Return the answer to the sender of a message, with the status to show."""
        ...


class Channels:
    """Every channel by its name, each made when it is first used: a worker for one imports no other."""

    def __init__(self, makers: Mapping[str, Callable[[], Channel]]) -> None:
        self._makers = makers
        self._made: dict[str, Channel] = {}

    def of(self, name: str) -> Channel:
        """Return the channel of this name, which a stored message or a validated request has."""
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]
