"""Asks an address from outside: whether it answers, with what, and which time its clock shows."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from banxway.errors import ProviderTimeout, ProviderUnavailable
from banxway.models.status.diagnosis import WebAnswer

_TIMEOUTS_S = (4, 8)
_MOST_BYTES = 65536


def fetch(url: str, *, timeouts_s: tuple[float, float] = _TIMEOUTS_S) -> WebAnswer:
    """Return the answer to one GET without credentials; redirects are not followed.

    `timeouts_s` limits connecting and each wait for bytes, in seconds. Raises ProviderTimeout or ProviderUnavailable.
    """
    return _ask("GET", url, None, timeouts_s)


def post(url: str, body: bytes) -> WebAnswer:
    """Return the answer to one POST of JSON without credentials. Raises as `fetch` does."""
    return _ask("POST", url, body, _TIMEOUTS_S)


def _ask(method: str, url: str, body: bytes | None, timeouts_s: tuple[float, float]) -> WebAnswer:
    import requests
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    try:
        with requests.Session() as session:
            # No proxy and no netrc: the answer must be what a provider gets, not what this machine is set up for.
            session.trust_env = False
            headers = {"Content-Type": "application/json"} if body else None
            response = session.request(
                method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                stream=True,
                timeout=timeouts_s,
            )
            with response:
                content = response.raw.read(_MOST_BYTES, decode_content=True)
                return WebAnswer(response.status_code, _instant(response.headers.get("Date")), content)
    except (requests.Timeout, ReadTimeoutError) as error:
        raise ProviderTimeout("Connection timeout", provider="web", operation="fetch") from error
    except requests.exceptions.SSLError as error:
        message = "The certificate could not be verified"
        raise ProviderUnavailable(message, provider="web", operation="fetch") from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        message = "Nothing accepts the connection"
        raise ProviderUnavailable(message, provider="web", operation="fetch") from error


def _instant(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
