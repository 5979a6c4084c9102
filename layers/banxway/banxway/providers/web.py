"""A plain GET, for the diagnosis: does an address answer, what, and by which clock."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from banxway.errors import ProviderTimeout, ProviderUnavailable
from banxway.models.diagnosis import WebAnswer

_TIMEOUTS_S = (4, 8)
_MOST_BYTES = 65536


def fetch(url: str) -> WebAnswer:
    """Ask once, without credentials, and follow nothing. Raises ProviderTimeout or ProviderUnavailable."""
    import requests

    try:
        with requests.Session() as session:
            # No proxy and no netrc: what a provider reaches is asked for, not what this machine is told to.
            session.trust_env = False
            response = session.get(url, allow_redirects=False, stream=True, timeout=_TIMEOUTS_S)
            with response:
                body = response.raw.read(_MOST_BYTES, decode_content=True)
                return WebAnswer(response.status_code, _instant(response.headers.get("Date")), body)
    except requests.Timeout as error:
        raise ProviderTimeout("Connection timeout", provider="web", operation="fetch") from error
    except requests.exceptions.SSLError as error:
        message = "The certificate could not be verified"
        raise ProviderUnavailable(message, provider="web", operation="fetch") from error
    except (requests.RequestException, OSError, ValueError) as error:
        message = "Nothing takes the connection"
        raise ProviderUnavailable(message, provider="web", operation="fetch") from error


def _instant(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
