"""What the client gives to `requests`: sessions, credentials and request bodies; and the words for its failures."""

from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from banxway.errors import ValidationFailed
from banxway.models.integrations.credentials import ExotelAccount
from banxway.providers.base import Begin, unrecorded
from banxway.reasons import Reason

if TYPE_CHECKING:
    import requests

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def new_session() -> "requests.Session":
    """Return a session that ignores the environment: no proxy and no netrc gets the credentials."""
    import requests

    session = requests.Session()
    session.trust_env = False
    return session


class WatchedBody:
    """A request body that remembers whether sending it has begun; headers alone hand nothing over.

    `begin` is called before its first byte is given away; what it raises leaves the body unsent.
    """

    def __init__(self, content: bytes, *, begin: Begin = unrecorded) -> None:
        self._begin = begin
        self._rest = content
        self._length = len(content)
        self.was_started = False

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        yield self.read()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes to send; from then on they may have arrived."""
        if not self.was_started:
            self._begin()
        self.was_started = True
        size = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def basic_authorization(account: ExotelAccount) -> str:
    """Return the value of the Authorization header (RFC 7617), with the credentials in UTF-8."""
    # requests would encode them as Latin-1, and fail on anything beyond it.
    return "Basic " + b64encode(f"{account.api_key}:{account.api_token}".encode()).decode()


def require_tls(base_url: str) -> None:
    """Require https, or http to this machine, so that the credentials cannot be read on the way.

    Raises ValidationFailed.
    """
    address = urlsplit(base_url)
    is_plain_but_local = address.scheme == "http" and address.hostname in _LOOPBACK
    if address.username or not address.hostname or not (address.scheme == "https" or is_plain_but_local):
        raise ValidationFailed("Exotel's address must begin with https://", field="base_url")


def message_for(error: "requests.RequestException") -> tuple[str, Reason]:
    """Name a failure of the network in the words of the guide's issue 2, with its reason."""
    import requests

    if isinstance(error, requests.Timeout):
        return "Network timeout", Reason.TIMEOUT
    if isinstance(error, requests.exceptions.SSLError):
        return "Exotel's certificate could not be verified", Reason.CERTIFICATE_REFUSED
    return "Exotel cannot be reached", Reason.UNREACHABLE
