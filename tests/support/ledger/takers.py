"""Providers that count what they accepted: the other side of "at most once".

`on_whatsapp` is what the provider does with a message that it accepted, before it answers, such as to report on it.
`refuse` returns the error with which a message is refused, before it counts; `lose_answer` returns the error that is
raised instead of the answer, after the message was accepted. Both return None to let it pass.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from banxway.app import App
from banxway.models.messages.outgoing import Accepted, OutgoingMail, OutgoingWhatsApp
from banxway.providers.base import Begin


class Takers:
    """A WhatsApp provider and a mail server of every process that is connected to them."""

    def __init__(self) -> None:
        self.taken: Counter[UUID] = Counter()
        self.refuse: Callable[[UUID], BaseException | None] = lambda _: None
        self.lose_answer: Callable[[UUID], BaseException | None] = lambda _: None
        self.on_whatsapp: Callable[[UUID], object] = lambda _: None
        self._lock = threading.Lock()

    def connect(self, app: App) -> None:
        """Let a process hand its messages over here; before it does anything else."""
        whatsapp, mail = _Taker(self._take_whatsapp), _Taker(self._take_mail)
        app.infrastructure.providers = replace(  # type: ignore[misc]  # a cached property takes what it is given
            app.infrastructure.providers, whatsapp=lambda account: whatsapp, mail_sender=lambda server: mail
        )

    def _take_whatsapp(self, message: OutgoingWhatsApp) -> Accepted:
        self._take(UUID(message.reference), self.on_whatsapp)
        return Accepted(provider_sid=f"sid-of-{message.reference}")

    def _take_mail(self, mail: OutgoingMail) -> Accepted:
        self._take(UUID(mail.message_id[1:37]))
        return Accepted(provider_sid=mail.message_id)

    def _take(self, message: UUID, on_taken: Callable[[UUID], object] = lambda _: None) -> None:
        if refusal := self.refuse(message):
            raise refusal
        with self._lock:
            self.taken[message] += 1
        on_taken(message)
        if loss := self.lose_answer(message):
            raise loss


class _Taker:
    def __init__(self, take: Callable[[Any], Accepted]) -> None:
        self._take = take

    def send(self, message: Any, /, *, begin: Begin) -> Accepted:
        begin()
        return self._take(message)

    def close(self) -> None:
        """Nothing is kept open."""
