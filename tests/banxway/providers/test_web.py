"""A plain GET returns status, body and the server's time, and follows no redirect."""

from datetime import UTC, datetime

import pytest

from banxway.errors import ProviderTimeout, ProviderUnavailable
from banxway.models.status.diagnosis import WebAnswer
from banxway.providers import web
from tests.support.servers.scripted_http import Reply, ScriptedHttp, answer
from tests.support.servers.tcp_server import refused_port
from tests.support.timing.waiting import PATIENCE_S

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"


def fetch(url: str, *, patience_s: float = PATIENCE_S) -> WebAnswer:
    return web.fetch(url, timeouts_s=(PATIENCE_S, patience_s))


def test_status_body_and_date_come_back():
    with ScriptedHttp(answer(200, b"{}", Date="Sun, 22 Nov 2026 10:00:00 GMT")) as server:
        found = fetch(f"{server.url}/health")

        assert (found.status, found.body) == (200, b"{}")
        assert found.date == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
        assert "authorization" not in server.requests[0].headers


def test_an_unreadable_date_is_none():
    with ScriptedHttp(answer(404, b"", Date="yesterday")) as server:
        assert fetch(server.url).date is None


def test_a_redirect_is_not_followed():
    with ScriptedHttp(answer(200)) as elsewhere, ScriptedHttp(answer(302, Location=elsewhere.url)) as server:
        assert fetch(server.url).status == 302
        assert elsewhere.requests == []


def test_a_large_answer_is_cut():
    with ScriptedHttp(answer(200, b"x" * 1_000_000)) as server:
        assert len(fetch(server.url).body) <= 65536


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"", "close"),
        Reply(b"HTTP/1.1 2", "reset"),
        Reply(_HEAD + b"\r\n<html>", "close"),
        Reply(_HEAD + b"\r\n<html>", "reset"),
        Reply(_HEAD + b"Content-Encoding: gzip\r\n\r\n" + b"x" * 100, "close"),
    ],
    ids=["closed", "reset", "closed within the body", "reset within the body", "unreadable body"],
)
def test_a_connection_that_breaks_is_unavailable(reply):
    with ScriptedHttp(reply) as server, pytest.raises(ProviderUnavailable):
        fetch(server.url)


@pytest.mark.parametrize("raw", [b"", _HEAD + b"\r\n<html>"], ids=["at once", "within the body"])
def test_silence_is_a_time_out(raw: bytes):
    with ScriptedHttp(Reply(raw, "hang")) as server, pytest.raises(ProviderTimeout):
        fetch(server.url, patience_s=0.2)


def test_nobody_listening_is_unavailable():
    with pytest.raises(ProviderUnavailable):
        fetch(f"http://127.0.0.1:{refused_port()}")
