"""An Exotel account that takes some tokens and refuses all others, for tests of changing them."""

from collections.abc import Callable
from typing import Any

from banxway.errors import ProviderDenied
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import WhatsAppConfiguration
from banxway.models.integrations.credentials import ExotelAccount
from banxway.models.messages.outgoing import Accepted, OutgoingWhatsApp
from banxway.providers.base import Begin, Providers
from tests.support.product.builders import BUSINESS, Product
from tests.support.product.fakes import FakeWhatsApp, refused


class Gate:
    """The provider's side of an account: it takes some tokens, and refuses all others."""

    def __init__(self, product: Product, *tokens: str) -> None:
        self.tokens = set(tokens)
        self.seen: list[str] = []
        # Happens once, when a token is handed in and before it is looked at.
        self.before_it_looks: Callable[[], object] | None = None
        self._whatsapp = product.providers.whatsapp
        self._listing = product.providers

    def providers(self) -> Providers:
        """Return a product's providers, with WhatsApp behind this gate."""
        return Providers(**{**vars(self._listing.providers()), "whatsapp": lambda a: Guarded(self, a)})

    def take(self, account: ExotelAccount) -> None:
        if meanwhile := self.before_it_looks:
            self.before_it_looks = None
            meanwhile()
        self.seen.append(account.api_token)
        if account.api_token not in self.tokens:
            raise refused(ProviderDenied, "Invalid credentials", provider_status=401)

    @property
    def whatsapp(self) -> FakeWhatsApp:
        return self._whatsapp


class Guarded:
    """One account at the gate."""

    def __init__(self, gate: Gate, account: ExotelAccount) -> None:
        self._gate = gate
        self._account = account

    def send(self, message: OutgoingWhatsApp, /, *, begin: Begin) -> Accepted:
        self._gate.take(self._account)
        return self._gate.whatsapp.send(message, begin=begin)

    def check(self, *, whatsapp_number: str) -> Any:
        self._gate.take(self._account)
        return self._gate.whatsapp.check(whatsapp_number=whatsapp_number)

    def list_templates(self, *, waba_id: str | None) -> Any:
        self._gate.take(self._account)
        return self._gate.whatsapp.list_templates(waba_id=waba_id)


def typed(token: str, **changes: Any) -> WhatsAppConfiguration:
    body = {
        "account_sid": "acme1",
        "api_key": "key-of-acme",
        "api_token": token,
        "whatsapp_number": BUSINESS,
        "waba_id": "1029384756",
    }
    return WhatsAppConfiguration(**(body | changes))


def save(product: Product, admin: Actor, token: str, **changes: Any) -> None:
    product.app.integrations.configure.configure(
        actor=admin, integration_type="exotel_whatsapp", typed=typed(token, **changes)
    )
