"""Sends HTTP requests to Exotel with one account's credentials: questions and hand-overs, which fail differently.

A *question* contacts nobody, so it may be asked again after any failure. A *hand-over* contacts a person: a failure
proves that nothing happened only if the request's body was never sent, or if Exotel refused it; everything else is
OutcomeUnknown (reference/exotel.md, 3.1, 9 and 12, quirk 12: no idempotency key exists).
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
)
from banxway.models.integrations.credentials import ExotelAccount
from banxway.providers.base import Begin, unrecorded
from banxway.providers.exotel.answers import (
    Answer,
    ExotelError,
    bounded,
    is_definite_refusal,
    read_answer,
    refusal,
    retry_after_s,
    stated_error,
)
from banxway.providers.exotel.transport import (
    WatchedBody,
    basic_authorization,
    message_for,
    new_session,
    require_tls,
)
from banxway.reasons import Reason

if TYPE_CHECKING:
    import requests

_E = TypeVar("_E", bound=ProviderError)

LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 65536
_KEEP_ALIVE_S = 30.0


class ExotelClient:
    """Sends requests to one account's host only: redirects are never followed, certificates are verified.

    Questions share one kept connection, which is closed after 30 idle seconds: a frozen Lambda wakes up with
    connections that a router dropped long ago. Each hand-over uses a new connection, at the cost of a handshake,
    since a reset of a stale connection looks the same as a reset after the request arrived.
    """

    def __init__(
        self,
        account: ExotelAccount,
        *,
        session_factory: "Callable[[], requests.Session]" = new_session,
        connect_timeout_s: float = 5,
        read_timeout_s: float = 15,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        require_tls(account.base_url)
        self._account = account
        self._session_factory = session_factory
        self._timeouts_s = (connect_timeout_s, read_timeout_s)
        self._clock = clock
        self._kept: requests.Session | None = None
        self._last_used = 0.0

    def ask(
        self,
        path: str,
        *,
        operation: str,
        params: dict[str, str] | None = None,
        json_body: dict[str, Any] | None = None,
    ) -> Answer:
        """Return the answer to a question: GET, or POST if there is a body. `{sid}` in the path is the account's SID.

        Raises ProviderTimeout, ProviderUnavailable (also for 5xx and unreadable answers), ProviderThrottled,
        ProviderDenied or ProviderRejected.
        """
        import requests

        try:
            status, headers, content = self._answer_to_question(path, params, json_body)
        except requests.RequestException as error:
            self._drop_connection()
            kind = ProviderTimeout if isinstance(error, requests.Timeout) else ProviderUnavailable
            sentence, reason = message_for(error)
            raise self._error(kind, sentence, operation, reason=reason) from error
        answer = read_answer(status, content)
        if status >= 400 or (answer and answer.status >= 400):
            raise self._refusal(answer, status, content, headers, operation)
        if answer is None or status >= 300:
            raise self._error(
                ProviderUnavailable,
                "Exotel's answer is unreadable",
                operation,
                status,
                content,
                reason=Reason.ANSWER_UNREADABLE,
            )
        return answer

    def hand_over(
        self, path: str, *, operation: str, json_body: dict[str, Any], begin: Begin = unrecorded
    ) -> Answer:
        """POST a request that contacts a person, exactly once, and return an answer that states success.

        `begin` is called before the first byte of the body; what it raises is raised here, with nothing sent.
        Raises ProviderUnavailable if the request's body was never sent, ProviderThrottled, ProviderDenied or
        ProviderRejected if Exotel refused it, and OutcomeUnknown for everything that proves neither.
        """
        import requests

        body = WatchedBody(json.dumps(json_body).encode(), begin=begin)
        try:
            with self._session_factory() as session:
                status, headers, content = self._exchange(session, path, body=body, may_be_cut=True)
        except requests.RequestException as error:
            if not body.was_started:
                sentence, reason = message_for(error)
                raise self._error(ProviderUnavailable, sentence, operation, reason=reason) from error
            raise self._error(OutcomeUnknown, "Exotel did not confirm the request", operation) from error
        answer = read_answer(status, content)
        if is_definite_refusal(status) or (answer and is_definite_refusal(answer.status)):
            raise self._refusal(answer, status, content, headers, operation)
        if answer is None or not 200 <= answer.status < 300:
            raise self.unknown("Exotel's answer proves nothing", operation, status, content)
        return answer

    def unknown(self, message: str, operation: str, status: int, content: object) -> OutcomeUnknown:
        """Return the error, with the answer's text, for an answer that does not prove a hand-over's outcome."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self._error(OutcomeUnknown, message, operation, status, raw)

    def close(self) -> None:
        """Close the kept connection; does nothing if there is none."""
        self._drop_connection()

    def without_secrets(self, text: str) -> str:
        """Return Exotel's words with the credentials masked, in case it repeats them."""
        for secret in (self._account.api_key, self._account.api_token):
            text = text.replace(secret, "***") if secret else text
        return text

    def _exchange(
        self,
        session: "requests.Session",
        path: str,
        *,
        params: dict[str, str] | None = None,
        body: "WatchedBody | None" = None,
        may_be_cut: bool = False,
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {
            "Accept": "application/json",
            "Authorization": basic_authorization(self._account),
            "User-Agent": "banxway",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        response = session.request(
            "GET" if body is None else "POST",
            f"{self._account.base_url}/{path.format(sid=quote(self._account.account_sid, safe=''))}",
            params=params,
            data=body,
            headers=headers,
            allow_redirects=False,
            stream=True,
            timeout=self._timeouts_s,
        )
        with response:
            content = self._read(response, may_be_cut=may_be_cut)
            return response.status_code, response.headers, content

    def _read(self, response: "requests.Response", *, may_be_cut: bool) -> bytes:
        """Read at most 8 MiB, all within the read timeout; an answer that is cut is accepted if `may_be_cut`."""
        import requests
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        content = bytearray()
        deadline = self._clock.monotonic() + self._timeouts_s[1]
        failure: requests.RequestException | None = None
        try:
            # Piece by piece as it arrives: requests' own iteration waits until a piece is full.
            while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
                content += piece
                if len(content) > LARGEST_ANSWER_BYTES or self._clock.monotonic() > deadline:
                    failure = requests.ReadTimeout("the answer is endless")
                    break
        except ReadTimeoutError as error:
            failure = requests.ReadTimeout(error)
        except HTTPError as error:
            failure = requests.ConnectionError(error)
        # Once the status line has arrived, a refusal is definite even if the rest was cut off.
        if failure and not may_be_cut and response.status_code < 400:
            raise failure
        return bytes(content[:LARGEST_ANSWER_BYTES])

    def _answer_to_question(
        self, path: str, params: dict[str, str] | None, json_body: dict[str, Any] | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        import requests

        content = None if json_body is None else json.dumps(json_body).encode()

        def exchange(session: requests.Session) -> tuple[int, Mapping[str, str], bytes]:
            body = None if content is None else WatchedBody(content)
            return self._exchange(session, path, params=params, body=body)

        session, was_kept = self._question_session()
        try:
            return exchange(session)
        except requests.ConnectionError as error:
            if not was_kept or isinstance(error, requests.Timeout):
                raise
        # Exotel may close a kept connection at any moment; a new one may still work.
        self._drop_connection()
        return exchange(self._question_session()[0])

    def _question_session(self) -> "tuple[requests.Session, bool]":
        if self._clock.monotonic() - self._last_used > _KEEP_ALIVE_S:
            self._drop_connection()
        self._last_used = self._clock.monotonic()
        was_kept = self._kept is not None
        self._kept = self._kept or self._session_factory()
        return self._kept, was_kept

    def _drop_connection(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _refusal(
        self, answer: Answer | None, status: int, content: bytes, headers: Mapping[str, str], operation: str
    ) -> ProviderError:
        error = stated_error(answer.payload) if answer else ExotelError()
        if not error.words:
            error = ExotelError(error.code, content.decode("utf-8", "replace"))
        return refusal(
            status if answer is None else answer.status,
            error.rewritten(self.without_secrets),
            operation=operation,
            retry_after_s=retry_after_s(headers.get("Retry-After"), now=self._clock.now()),
        )

    def _error(
        self,
        kind: type[_E],
        message: str,
        operation: str,
        status: int | None = None,
        content: bytes = b"",
        *,
        reason: Reason | None = None,
    ) -> _E:
        return kind(
            message,
            reason=reason,
            provider="exotel",
            operation=operation,
            provider_status=status,
            provider_message=bounded(self.without_secrets(content.decode("utf-8", "replace"))),
        )
