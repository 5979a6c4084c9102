"""Reads and caches the public keys of a token issuer from its JWKS address (RFC 7517)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from banxway import errors
from banxway.clock import Clock
from banxway.reasons import Reason

if TYPE_CHECKING:
    from jwt import PyJWK

FetchJwks = Callable[[str], Any]
"""Returns the decoded JSON of a JWKS address; raises OSError or ValueError."""

KEYS_LIFETIME = timedelta(minutes=10)
RETRY_AFTER = timedelta(minutes=1)
OUTAGE_TOLERANCE = timedelta(hours=1)
"""The age up to which listed keys are still used while the address does not answer."""

_FETCH_TIMEOUT_S = 5.0
_MAX_BYTES = 256 * 1024


class SigningKeys:
    """Finds a key by its id; reads the list every ten minutes, and for an unknown id at most once a minute."""

    def __init__(self, url: str, *, clock: Clock, fetch: FetchJwks) -> None:
        self._url = url
        self._clock = clock
        self._fetch = fetch
        self._keys: dict[str, PyJWK] = {}
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None

    def find(self, kid: object) -> "PyJWK":
        """Return the key. Raises NotAuthenticated for an id that is not listed, Unavailable without a list."""
        name = kid if isinstance(kid, str) else ""
        if not self._is_younger_than(KEYS_LIFETIME) or name not in self._keys:
            self._read_again()
        key = self._keys.get(name)
        if key is None:
            # What a token of another environment looks like (guide, issue 7, cause 4).
            raise errors.NotAuthenticated("Invalid token signature", reason=Reason.WRONG_SIGNATURE)
        return key

    def _read_again(self) -> None:
        now = self._clock.now()
        tried_lately = self._tried_at is not None and abs(now - self._tried_at) < RETRY_AFTER
        if not tried_lately:
            self._tried_at = now
            try:
                self._keys = _usable_keys(self._fetch(self._url))
                self._read_at = now
            except (OSError, ValueError, RecursionError):
                pass  # the previous list may still be young enough, which is checked below
        if not self._is_younger_than(OUTAGE_TOLERANCE):
            raise errors.Unavailable("Sign-in cannot be checked: the keys of the token issuer cannot be read")

    def _is_younger_than(self, age: timedelta) -> bool:
        return self._read_at is not None and abs(self._clock.now() - self._read_at) < age


def _usable_keys(listed: Any) -> "dict[str, PyJWK]":
    """Return the signing keys of RS256 and ES256 by id; entries that cannot be used are left out."""
    import jwt

    entries = listed.get("keys") if isinstance(listed, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWKS document")  # noqa: TRY004 -- callers treat it as unreadable content
    keys: dict[str, PyJWK] = {}
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(entry)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if isinstance(key.key_id, str) and key.algorithm_name in ("RS256", "ES256"):
            keys[key.key_id] = key
    return keys


def fetch_jwks_over_https(url: str) -> Any:
    """Return a JWKS document's JSON, without redirects or proxy, within 5 s per wait and 256 KiB.

    Raises OSError or ValueError.
    """
    import urllib.request

    class _NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    with opener.open(url, timeout=_FETCH_TIMEOUT_S) as answer:
        content = answer.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise ValueError("the JWKS document is too large")
    return json.loads(content)
