"""What stands behind the provider capabilities in tests: scriptable, recording, and safe to use from threads.

    FakeVoice · FakeSms · FakeWhatsApp · FakeMailSender · FakeMailbox · FakeFrames
                      one per interface of providers/base.py
    FakeProviders     all of them behind one `Providers`; parsing is the product's own
    RecordingQueue    takes the place of an `enqueue_…` callable
    refused(…)        the provider errors, ready to be scripted

A scripted outcome is an exception to raise, a function of what is sent, or anything else to return. What is
not scripted succeeds. `tests/banxway/services/test_fakes.py` runs the contract suites on the fakes.
"""

import itertools
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from banxway import errors
from banxway.models.integrations.checks import (
    PhoneAccountCheck,
    SmsAccountCheck,
    SmtpCheck,
    WhatsAppAccountCheck,
)
from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.models.integrations.whatsapp_templates import ProviderTemplate
from banxway.models.mail import ParsedMail
from banxway.models.messages.outgoing import Accepted, OutgoingMail, OutgoingWhatsApp
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.realtime import Push
from banxway.models.webhooks.callbacks import Callback
from banxway.providers.base import Begin, Providers, unrecorded
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.product.scripts import Script, refused

__all__ = ["FakeMailbox", "Script", "refused"]  # made elsewhere, looked for here

T = TypeVar("T")


class FakeVoice:
    """A phone account that works, with one number."""

    def __init__(self) -> None:
        self.checking, self.listing, self.knowing = Script(), Script(), Script()
        self.checked: list[str] = []
        self.numbers = [a_number("08047100001", e164="+918047100001")]

    def check(self, *, virtual_number: str) -> PhoneAccountCheck:
        self.checked.append(virtual_number)
        return self.checking.meet(
            virtual_number,
            lambda: PhoneAccountCheck(account_verified=True, voice_enabled=True, virtual_number_active=True),
        )

    def is_known(self) -> bool:
        return self.knowing.meet(None, lambda: False)

    def list_numbers(self) -> list[ProviderNumber]:
        return self.listing.meet(None, lambda: list(self.numbers))


class FakeSms:
    """An SMS account that works."""

    def __init__(self) -> None:
        self.checking = Script()
        self.checked: list[str] = []

    def check(self, *, sms_number: str) -> SmsAccountCheck:
        self.checked.append(sms_number)
        return self.checking.meet(
            sms_number,
            lambda: SmsAccountCheck(account_verified=True, sms_enabled=True, sms_number_active=True),
        )


class FakeWhatsApp:
    """A WhatsApp account that accepts everything, giving each message a sid."""

    def __init__(self) -> None:
        self.sending, self.checking, self.listing = Script(), Script(), Script()
        self.sent: list[OutgoingWhatsApp] = []
        self.checked: list[str] = []
        self.templates: list[ProviderTemplate] = []
        self._lock = threading.Lock()

    def send(self, message: OutgoingWhatsApp, /, *, begin: Begin = unrecorded) -> Accepted:
        begin()
        with self._lock:
            self.sent.append(message)
            number = len(self.sent)
        return self.sending.meet(message, lambda: Accepted(provider_sid=f"sid-{number}"))

    def check(self, *, whatsapp_number: str) -> WhatsAppAccountCheck:
        self.checked.append(whatsapp_number)
        return self.checking.meet(
            whatsapp_number,
            lambda: WhatsAppAccountCheck(
                account_verified=True, whatsapp_enabled=True, business_number_active=True
            ),
        )

    def list_templates(self, *, waba_id: str | None) -> list[ProviderTemplate]:
        return self.listing.meet(waba_id, lambda: list(self.templates))


class FakeMailSender:
    """An SMTP server that takes everything."""

    def __init__(self) -> None:
        self.sending, self.checking = Script(), Script()
        self.sent: list[OutgoingMail] = []
        self.closed = 0
        self._lock = threading.Lock()

    def check(self) -> SmtpCheck:
        return self.checking.meet(
            None, lambda: SmtpCheck(success=True, host="smtp.example.com", port=587, secure=True)
        )

    def send(self, mail: OutgoingMail, /, *, begin: Begin = unrecorded) -> Accepted:
        begin()
        with self._lock:
            self.sent.append(mail)
        return self.sending.meet(mail, lambda: Accepted(provider_sid=mail.message_id))

    def close(self) -> None:
        self.closed += 1


class FakeFrames:
    """Open WebSockets: what each received. Connections in `gone` are closed ones; a script gives a Push."""

    def __init__(self) -> None:
        self.pushed: dict[str, list[bytes]] = {}
        self.gone: set[str] = set()
        self.closed: list[str] = []
        self.pushing = Script()

    def push(
        self, connection_ids: Sequence[str], frame: bytes, *, may_begin: Callable[[], bool]
    ) -> list[Push]:
        results: list[Push] = []
        for connection_id in connection_ids:
            if not may_begin():
                break
            results.append(self._push(connection_id, frame))
        return results

    def close(self, connection_ids: Sequence[str], *, may_begin: Callable[[], bool]) -> list[Push]:
        begun = list(itertools.takewhile(lambda _: may_begin(), connection_ids))
        self.closed.extend(begun)
        return [Push.POSTED] * len(begun)

    def latest(self, connection_id: str) -> list[int]:
        """Return the numbers that a connection has received, in their order."""
        return [json.loads(frame)["latest"] for frame in self.pushed.get(connection_id, [])]

    def _push(self, connection_id: str, frame: bytes) -> Push:
        if connection_id in self.gone:
            return Push.GONE
        result = self.pushing.meet(connection_id, lambda: Push.POSTED)
        if result is Push.POSTED:
            self.pushed.setdefault(connection_id, []).append(frame)
        return result


class RecordingQueue:
    """Takes what would be enqueued. While `is_down`, it refuses as a dead queue does."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.delays: list[int] = []
        self.is_down = False
        self._lock = threading.Lock()

    def __call__(self, item: Any, delay_s: int = 0) -> None:
        if self.is_down:
            raise errors.Unavailable("The queue does not answer; try again shortly")
        with self._lock:
            self.items.append(item)
            self.delays.append(delay_s)

    def clear(self) -> None:
        self.items.clear()
        self.delays.clear()


@dataclass
class FakeProviders:
    """Every provider at once. Mailboxes are distinguished by their login name; the rest are one of each."""

    voice: FakeVoice = field(default_factory=FakeVoice)
    sms: FakeSms = field(default_factory=FakeSms)
    whatsapp: FakeWhatsApp = field(default_factory=FakeWhatsApp)
    mail_sender: FakeMailSender = field(default_factory=FakeMailSender)
    mailboxes: dict[str, FakeMailbox] = field(default_factory=dict)
    exotel_accounts: list[ExotelAccount] = field(default_factory=list)
    mail_servers: list[MailServer] = field(default_factory=list)
    parse_callback: Callable[[str, bytes, str], list[Callback]] | None = None
    parse_mail: Callable[[bytes], ParsedMail] | None = None

    def mailbox(self, username: str) -> FakeMailbox:
        """Return the mailbox of a login name, making it on first use."""
        return self.mailboxes.setdefault(username, FakeMailbox())

    def providers(self) -> Providers:
        """Return what services take."""
        from banxway.providers.exotel import webhooks
        from banxway.providers.mail.html import display
        from banxway.providers.mail.html import text as html
        from banxway.providers.mail.parse import parser

        def read_callback(kind: str, body: bytes, content_type: str) -> list[Callback]:
            if self.parse_callback:
                return self.parse_callback(kind, body, content_type)
            read = {"call_status": webhooks.parse_call_status, "whatsapp": webhooks.parse_whatsapp}[kind]
            return read(body, content_type)

        return Providers(
            voice=lambda account: self._noted(self.exotel_accounts, account, self.voice),
            sms=lambda account: self._noted(self.exotel_accounts, account, self.sms),
            whatsapp=lambda account: self._noted(self.exotel_accounts, account, self.whatsapp),
            mail_sender=lambda server: self._noted(self.mail_servers, server, self.mail_sender),
            mailbox=lambda server: self._noted(self.mail_servers, server, self.mailbox(server.username)),
            parse_callback=read_callback,
            parse_mail=lambda raw: (self.parse_mail or parser.parse)(raw),
            parse_mail_header=parser.parse_header,
            html_to_text=html.to_text,
            show_mail=display.show,
        )

    @staticmethod
    def _noted(seen: list[Any], account: Any, provider: T) -> T:
        seen.append(account)
        return provider


def a_number(phone_number: str, *, e164: str | None = None, name: str = "Main line") -> ProviderNumber:
    """One number as a provider lists it."""
    return ProviderNumber(
        provider_sid=f"number-{phone_number}",
        phone_number=phone_number,
        e164=e164,
        display_name=name,
        number_type="virtual",
        can_call=True,
        can_sms=True,
    )


def a_template(
    name: str = "shipping_update",
    *,
    body: str = "Dear {{1}}, {{2}} has shipped.",
    status: str = "approved",
    language: str = "en",
    components: Sequence[dict[str, Any]] = (),
    parameter_format: str = "",
) -> ProviderTemplate:
    """One WhatsApp template as a provider lists it."""
    return ProviderTemplate(
        provider_id=f"template-{name}",
        name=name,
        language=language,
        category="utility",
        status=status,
        body=body,
        components=list(components),
        parameter_format=parameter_format,
    )
