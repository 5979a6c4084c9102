import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from banxway.errors import (
    OutcomeUnknown,
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.providers.exotel import client as client_module
from banxway.providers.exotel.client import ExotelClient
from banxway.reasons import Reason
from tests.support.ledger.exotel_accounts import API_KEY, API_TOKEN, an_account, envelope, failure
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.scripted_http import Reply, ScriptedHttp, answer
from tests.support.servers.tcp_server import TcpServer, refused_port
from tests.support.timing.clocks import SetClock, TickingClock

Scripted = Callable[..., tuple[ExotelClient, ScriptedHttp]]

ACCEPTED = envelope(202, {"code": 202})


def ask(client: ExotelClient):
    return client.ask("v1/Accounts/{sid}/Calls.json", operation="check", params={"PageSize": "1"})


def hand_over(client: ExotelClient):
    return client.hand_over("v2/accounts/{sid}/messages", operation="send", json_body={"a": 1})


def test_a_question_carries_the_accounts_credentials_and_sid(scripted: Scripted):
    client, server = scripted(answer(200, {"Calls": []}))

    found = ask(client)

    request = server.requests[0]
    assert found.payload == {"Calls": []}
    assert (request.method, request.target) == ("GET", "/v1/Accounts/acme1/Calls.json?PageSize=1")
    assert request.headers["authorization"] == f"Basic {_base64(f'{API_KEY}:{API_TOKEN}')}"


def test_a_hand_over_posts_json_once(scripted: Scripted):
    client, server = scripted(answer(202, ACCEPTED))

    assert hand_over(client).payload == ACCEPTED

    assert [(r.method, r.target, r.json) for r in server.requests] == [
        ("POST", "/v2/accounts/acme1/messages", {"a": 1})
    ]


class _Stopped(Exception):
    pass


def test_what_begin_raises_leaves_the_body_unsent(scripted: Scripted):
    """Headers alone hand nothing over."""
    client, server = scripted(answer(202, ACCEPTED))

    def stop() -> None:
        assert server.requests == []
        raise _Stopped

    with pytest.raises(_Stopped):
        client.hand_over("v2/accounts/{sid}/messages", operation="send", json_body={"a": 1}, begin=stop)

    assert not [request for request in server.requests if request.body]


def test_a_hand_over_begins_once(scripted: Scripted):
    client, server = scripted(answer(202, ACCEPTED))
    begun = []

    client.hand_over(
        "v2/accounts/{sid}/messages", operation="send", json_body={"a": 1}, begin=lambda: begun.append(1)
    )

    assert (begun, len(server.requests)) == ([1], 1)


def test_what_cannot_connect_has_not_begun():
    begun: list[int] = []
    client = ExotelClient(an_account(f"http://127.0.0.1:{refused_port()}"))

    with pytest.raises(ProviderUnavailable):
        client.hand_over("v2/x", operation="send", json_body={}, begin=lambda: begun.append(1))

    assert begun == []


def test_credentials_beyond_latin_1_are_sent_in_utf_8(exotel: Callable[..., ScriptedHttp]):
    server = exotel(answer(200, {"Calls": []}))
    account = an_account(server.url)
    client = ExotelClient(type(account)("acme1", "ключ", "密码", server.url))

    ask(client)

    assert server.requests[0].headers["authorization"] == f"Basic {_base64('ключ:密码')}"


@pytest.mark.parametrize(
    ("status", "words", "error", "message", "reason"),
    [
        (401, "Authentication failed", ProviderDenied, "Invalid credentials", Reason.INVALID_CREDENTIALS),
        (403, "Account inactive", ProviderDenied, "Account inactive", Reason.ACCOUNT_INACTIVE),
        (403, "This account is suspended", ProviderDenied, "Account inactive", Reason.ACCOUNT_INACTIVE),
        (403, "Voice not enabled", ProviderDenied, "Voice not enabled", Reason.VOICE_NOT_ENABLED),
        (
            403,
            "WhatsApp not enabled",
            ProviderDenied,
            "WhatsApp not enabled on account",
            Reason.WHATSAPP_NOT_ENABLED,
        ),
        (403, "Your IP is not whitelisted", ProviderDenied, "IP not whitelisted", Reason.IP_NOT_WHITELISTED),
        (403, "No SMS for you", ProviderDenied, "Access denied", Reason.SMS_NOT_ENABLED),
        (403, "Access denied", ProviderDenied, "Access denied", Reason.WRONG_ACCOUNT_SID),
        (403, "Forbidden", ProviderDenied, "Access denied", Reason.ACCESS_DENIED),
        (404, "Not found", ProviderRejected, "Invalid Account SID", Reason.WRONG_ACCOUNT_SID),
        (402, "Plan limit", ProviderRejected, "Plan limit", None),
        (400, "waba_id is mandatory", ProviderRejected, "waba_id is mandatory", Reason.WABA_ID_MISSING),
        (402, "waba_id is not paid for", ProviderRejected, "waba_id is not paid for", None),
        (503, "Busy", ProviderThrottled, "Exotel is limiting requests", Reason.SERVER_BUSY),
        (429, "Too many", ProviderThrottled, "Exotel is limiting requests", Reason.RATE_LIMITED),
    ],
    ids=lambda value: str(value).replace(" ", "_"),
)
@pytest.mark.parametrize("call", [ask, hand_over])
@pytest.mark.parametrize("shape", ["v1", "v2", "hidden_under_200"])
def test_a_refusal_is_named_in_the_guides_words_and_keeps_exotels(
    scripted: Scripted,
    call,
    status: int,
    words: str,
    error: type[ProviderError],
    message: str,
    reason: Reason | None,
    shape: str,
):
    body = (
        {"RestException": {"Status": status, "Message": words}}
        if shape == "v1"
        else failure(status, 1, words)
    )
    client, server = scripted(answer(200 if shape == "hidden_under_200" else status, body))

    with pytest.raises(error) as raised:
        call(client)

    assert type(raised.value) is error
    assert (raised.value.message, raised.value.reason) == (message, reason)
    assert (raised.value.provider_status, raised.value.provider_message) == (status, words)
    assert len(server.requests) == 1


def test_a_refusal_without_json_keeps_its_status_and_words(scripted: Scripted):
    client, _ = scripted(answer(401, b"<html>Unauthorized</html>"))

    with pytest.raises(ProviderDenied) as raised:
        ask(client)

    assert raised.value.provider_message == "<html>Unauthorized</html>"


@pytest.mark.parametrize(
    ("header", "expected_s"),
    [
        ("7", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("86400", 300),
        ("9" * 400, 300),
        ("-5", None),
        ("soon", None),
        (None, None),
        (format_datetime(SetClock().now() + timedelta(seconds=40)), 40),
        (format_datetime(SetClock().now() - timedelta(days=1)), 0),
        (format_datetime(SetClock().now() + timedelta(days=900)), 300),
        ("Wed, 99 Foo 2026 99:99:99 GMT", None),
    ],
    ids=[
        "seconds",
        "zero",
        "fraction",
        "a_day",
        "absurd",
        "negative",
        "word",
        "absent",
        "date",
        "past",
        "far",
        "no_date",
    ],
)
@pytest.mark.parametrize("call", [ask, hand_over])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_within_five_minutes(
    scripted: Scripted, call, status: int, header: str | None, expected_s: float | None
):
    client, _ = scripted(answer(status, {}, **({} if header is None else {"Retry_After": header})))

    with pytest.raises(ProviderThrottled) as raised:
        call(client)

    assert raised.value.retry_after_s == expected_s


def test_nobody_listening_is_proof_that_nothing_was_handed_over(client_of):
    client = client_of(f"http://127.0.0.1:{refused_port()}")

    for call in (ask, hand_over):
        with pytest.raises(ProviderUnavailable):
            call(client)


def test_a_failed_handshake_is_proof_that_nothing_was_handed_over():
    heard = []

    def serve(connection):
        heard.append(connection.recv(10_000))
        connection.sendall(b"HTTP/1.1 400 Speak plainly\r\n\r\n")

    with TcpServer(serve) as server:
        client = ExotelClient(an_account(f"https://127.0.0.1:{server.port}"), read_timeout_s=60)
        for call in (ask, hand_over):
            with pytest.raises(ProviderUnavailable):
                call(client)
    assert len(heard) == 2
    assert b"Authorization" not in b"".join(heard)


def test_a_certificate_of_nobody_we_know_never_sees_the_credentials(tmp_path: Path):
    context = TestAuthority(tmp_path).server_context("localhost")
    heard = []

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(1000))

    with TcpServer(serve) as server:
        client = ExotelClient(an_account(f"https://localhost:{server.port}"), read_timeout_s=60)
        for call in (ask, hand_over):
            with pytest.raises(ProviderUnavailable, match="certificate"):
                call(client)
    assert heard == []


def test_an_unanswered_question_is_a_time_out_and_an_unanswered_hand_over_is_unknown(scripted: Scripted):
    client, server = scripted(Reply(b"", then="hang"))

    with pytest.raises(ProviderTimeout, match="Network timeout"):
        ask(client)
    with pytest.raises(OutcomeUnknown):
        hand_over(client)

    assert server.methods(2) == ["GET", "POST"]


_WHOLE = answer(202, ACCEPTED).raw


@pytest.mark.parametrize("length", [0, 1, 9, 15, 16, 30, len(_WHOLE) // 2, len(_WHOLE) - 2, len(_WHOLE) - 1])
@pytest.mark.parametrize("then", ["reset", "close", "hang"])
def test_an_answer_cut_off_at_any_byte_leaves_the_outcome_unknown(scripted: Scripted, length: int, then: str):
    client, server = scripted(Reply(_WHOLE[:length], then))

    with pytest.raises(OutcomeUnknown):
        hand_over(client)

    assert server.methods(1) == ["POST"]


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"<html>It works!</html>"),
        answer(200, b'{"response": {"whatsapp"'),
        answer(200, b""),
        answer(200, b"[]"),
        answer(200, b"[" * 100_000),
        answer(204),
        answer(500, failure(500, 1100, "internal error")),
        answer(502, b"Bad Gateway"),
        answer(504, b"no route"),
        answer(408, b"Request Timeout"),
        answer(200, failure(500, 1100, "internal error")),
        answer(307, b"", Location="https://elsewhere.example/"),
    ],
    ids=[
        "html",
        "truncated_json",
        "empty",
        "list",
        "deep",
        "204",
        "500",
        "502",
        "504",
        "408",
        "inner_500",
        "redirect",
    ],
)
def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown_and_is_kept(
    scripted: Scripted, reply: Reply
):
    client, server = scripted(reply)

    with pytest.raises(OutcomeUnknown) as raised:
        hand_over(client)

    assert raised.value.provider_status == int(reply.raw.split()[1])
    sent_words = reply.raw.partition(b"\r\n\r\n")[2].decode()[:500].strip()
    assert (raised.value.provider_message or "") == sent_words
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"<html>"),
        answer(500, {}),
        answer(200, b""),
        answer(302, b"", Location="/v1"),
        Reply(b"", "reset"),
    ],
    ids=["html", "500", "empty", "redirect", "reset"],
)
def test_a_question_without_a_readable_answer_may_be_asked_again(scripted: Scripted, reply: Reply):
    client, _ = scripted(reply)

    with pytest.raises(ProviderUnavailable) as raised:
        ask(client)

    assert raised.value.retryable


@pytest.mark.parametrize("call", [ask, hand_over])
def test_a_refusal_whose_explanation_was_cut_off_is_still_a_refusal(scripted: Scripted, call):
    raw = answer(400, failure(400, 1002, "bad number")).raw
    client, _ = scripted(Reply(raw[:-20]))

    with pytest.raises(ProviderRejected):
        call(client)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_with_or_without_credentials(
    scripted: Scripted, exotel: Callable[..., ScriptedHttp], status: int
):
    elsewhere = exotel(answer(200, ACCEPTED))
    client, _ = scripted(answer(status, b"", Location=f"{elsewhere.url}/stolen"))

    with pytest.raises(ProviderUnavailable):
        ask(client)
    with pytest.raises(OutcomeUnknown):
        hand_over(client)

    assert elsewhere.requests == []


def test_the_environments_proxy_and_netrc_are_not_used(
    scripted: Scripted, exotel: Callable[..., ScriptedHttp], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    proxy = exotel(answer(200, ACCEPTED))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stranger password stranger\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.setenv("NETRC", str(netrc))
    client, server = scripted(answer(202, ACCEPTED))

    ask(client)
    hand_over(client)

    assert proxy.requests == []
    assert {r.headers["authorization"] for r in server.requests} == {
        f"Basic {_base64(f'{API_KEY}:{API_TOKEN}')}"
    }


@pytest.mark.parametrize(
    "address",
    [
        "http://api.exotel.com",
        "ftp://api.exotel.com",
        "https://user@evil.example",
        "https://",
        "api.exotel.com",
    ],
)
def test_an_address_that_would_show_the_credentials_is_refused(address: str):
    with pytest.raises(ValidationFailed) as raised:
        ExotelClient(an_account(address))

    assert raised.value.details["field"] == "base_url"


def test_secrets_that_exotel_repeats_stay_out_of_the_error(scripted: Scripted):
    client, _ = scripted(answer(400, failure(400, 1002, f"no such key {API_KEY}, token {API_TOKEN}")))

    with pytest.raises(ProviderRejected) as raised:
        ask(client)

    shown = repr(vars(raised.value)) + str(raised.value)
    assert API_KEY not in shown
    assert API_TOKEN not in shown


def test_exotels_words_are_cut_to_what_an_error_may_carry(scripted: Scripted):
    client, _ = scripted(answer(400, failure(400, 1002, "x" * 10_000)))

    with pytest.raises(ProviderRejected) as raised:
        ask(client)

    assert len(raised.value.provider_message) == len(raised.value.message) == 500


@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize("framing", ["length", "chunks", "end_of_stream"])
def test_an_answer_is_read_however_it_is_framed(scripted: Scripted, coding: str, framing: str):
    body = json.dumps(ACCEPTED | {"padding": "x" * 200_000}).encode()
    body = gzip.compress(body) if coding == "gzip" else body
    head = f"HTTP/1.1 202 Accepted\r\nContent-Encoding: {coding}\r\n"
    if framing == "length":
        head += f"Content-Length: {len(body)}\r\n"
    if framing == "chunks":
        head += "Transfer-Encoding: chunked\r\n"
        half = len(body) // 2
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
    client, _ = scripted(Reply(head.encode() + b"\r\n" + body))

    assert len(ask(client).payload["padding"]) == len(hand_over(client).payload["padding"]) == 200_000


def test_an_endless_answer_is_not_read_to_its_end(scripted: Scripted, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "LARGEST_ANSWER_BYTES", 1000)
    client, _ = scripted(answer(200, {"padding": "x" * 100_000}))

    with pytest.raises(ProviderTimeout):
        ask(client)
    with pytest.raises(OutcomeUnknown):
        hand_over(client)


def test_an_answer_that_drips_is_given_up(client_of):
    def drip(connection):
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.stopping.is_set():
            connection.sendall(b" ")

    with TcpServer(drip) as server, pytest.raises(ProviderTimeout):
        ask(client_of(f"http://127.0.0.1:{server.port}", clock=TickingClock(10)))


def test_questions_share_a_connection_and_each_hand_over_has_its_own(scripted: Scripted):
    client, server = scripted(answer(202, ACCEPTED, then="keep"))

    for call in (ask, ask, hand_over, hand_over, ask):
        call(client)

    assert (len(server.requests), server.connections) == (5, 3)


def test_a_question_is_asked_again_when_the_kept_connection_breaks(scripted: Scripted):
    usual = answer(200, ACCEPTED, then="keep")
    client, server = scripted(usual, Reply(b"", then="reset"), usual)

    for _ in range(2):
        ask(client)

    assert (server.methods(3), server.connections) == (["GET"] * 3, 2)


def test_a_question_is_asked_again_when_the_kept_connection_was_closed(scripted: Scripted):
    closing = Reply(answer(200, ACCEPTED, then="keep").raw, then="close")
    client, server = scripted(closing)

    for _ in range(5):
        ask(client)

    assert len(server.requests) == server.connections == 5


def test_a_connection_that_slept_too_long_is_not_used_again(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    client, server = scripted(answer(200, ACCEPTED, then="keep"))
    ask(client)
    client._last_used -= 60

    ask(client)

    assert server.connections == 2


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
