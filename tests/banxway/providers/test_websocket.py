"""Frames over real HTTP: many at once, each with its own outcome, and none twice unless the first did not arrive."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from banxway.models.realtime import Push
from banxway.providers.websocket import ApiGatewayFrames
from tests.support.running.live import frames_at
from tests.support.servers.scripted_http import Reply, Request, ScriptedHttp, answer
from tests.support.servers.tcp_server import refused_port
from tests.support.timing.waiting import PATIENCE_S

AT_ONCE = 16
FRAME = b'{"type": "changes", "latest": 7}'


def of(request: Request) -> str:
    """Return the connection that a request is about."""
    return unquote(request.target.rpartition("/")[2])


def push(frames: ApiGatewayFrames, *connections: str, may_begin: Callable[[], bool] = lambda: True) -> Any:
    return frames.push(connections, FRAME, may_begin=may_begin)


GONE = answer(410, b"", x_amzn_ErrorType="GoneException")
FORBIDDEN = answer(403, {"message": "Forbidden"}, x_amzn_ErrorType="ForbiddenException")
LIMITED = answer(429, b"", x_amzn_ErrorType="LimitExceededException")
BROKEN = answer(500, b"")
RESET = Reply(b"", "reset")
POSTED = answer(200)


def test_a_frame_is_posted_to_each_connection_by_its_id():
    with ScriptedHttp(POSTED) as server:
        results = push(frames_at(server.url), "L0SM9cOFvHcCIhw=", "a/b", "c")

    assert results == [Push.POSTED] * 3
    assert {(request.method, of(request), request.body) for request in server.requests} == {
        ("POST", name, FRAME) for name in ("L0SM9cOFvHcCIhw=", "a/b", "c")
    }
    assert all(request.target.startswith("/live/@connections/") for request in server.requests)
    assert all("authorization" in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("reply", "result", "attempts"),
    [
        (GONE, Push.GONE, 1),
        (FORBIDDEN, Push.FAILED, 1),
        (answer(413, b""), Push.FAILED, 1),
        (RESET, Push.FAILED, 1),
        (LIMITED, Push.UNREACHABLE, 2),
        (BROKEN, Push.UNREACHABLE, 2),
        (answer(503, b""), Push.UNREACHABLE, 2),
    ],
    ids=["gone", "forbidden", "too large", "reset", "limited", "broken", "unavailable"],
)
def test_one_bad_connection_among_many_has_an_outcome_of_its_own(reply: Reply, result: Push, attempts: int):
    names = [f"c{number:02}" for number in range(40)]
    with ScriptedHttp(lambda request: reply if of(request) == "c07" else POSTED) as server:
        results = push(frames_at(server.url), *names)

    assert dict(zip(names, results, strict=True)) == dict.fromkeys(names, Push.POSTED) | {"c07": result}
    asked = [of(request) for request in server.requests]
    assert asked.count("c07") == attempts
    assert len(asked) == 39 + attempts


def test_what_is_refused_for_a_moment_is_posted_at_the_second_attempt():
    with ScriptedHttp(LIMITED, POSTED) as server:
        assert push(frames_at(server.url), "c") == [Push.POSTED]


def test_a_connection_that_hangs_keeps_no_other_waiting():
    """It is answered only after all others were, which would be never if they waited for it."""
    names = [f"c{number:02}" for number in range(40)]
    others = threading.Semaphore(0)

    def reply(request: Request) -> Reply:
        if of(request) != "c00":
            others.release()
            return POSTED
        for _ in range(39):
            others.acquire()
        return GONE

    with ScriptedHttp(reply) as server:
        assert push(frames_at(server.url), *names) == [Push.GONE] + [Push.POSTED] * 39


def test_a_connection_that_hangs_is_left():
    with ScriptedHttp(Reply(b"", "hang")) as server:
        results = push(frames_at(server.url, read_timeout_s=0.2), "c")  # nothing comes: it hangs

        assert results == [Push.FAILED]
        assert len(server.requests) == 1


def test_as_many_frames_are_under_way_at_once_as_were_chosen():
    """Each is answered when all of them have arrived."""
    barrier = threading.Barrier(AT_ONCE)

    def reply(_request: Request) -> Reply:
        barrier.wait(PATIENCE_S)
        return POSTED

    with ScriptedHttp(reply) as server:
        assert push(frames_at(server.url), *map(str, range(3 * AT_ONCE))) == [Push.POSTED] * 3 * AT_ONCE


def test_without_the_api_every_connection_is_unreachable():
    assert push(frames_at(f"http://127.0.0.1:{refused_port()}"), "a", "b") == [Push.UNREACHABLE] * 2


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
def test_what_was_not_begun_in_time_is_the_end_of_the_list(at_once: int):
    """Otherwise a successor that continues behind it would leave one out, or repeat one."""
    permits = iter([True] * 25)
    names = [f"c{number:02}" for number in range(40)]
    with ScriptedHttp(POSTED) as server:
        results = push(frames_at(server.url, at_once=at_once), *names, may_begin=lambda: next(permits, False))

    assert results == [Push.POSTED] * 25
    assert sorted(map(of, server.requests)) == names[:25]


@pytest.mark.parametrize(
    ("reply", "result"),
    [(answer(204), Push.POSTED), (GONE, Push.GONE), (FORBIDDEN, Push.FAILED), (RESET, Push.FAILED)],
    ids=["closed", "gone", "forbidden", "reset"],
)
def test_one_connection_that_cannot_be_closed_keeps_no_other_open(reply: Reply, result: Push):
    names = [f"c{number:02}" for number in range(20)]
    with ScriptedHttp(lambda request: reply if of(request) == "c07" else answer(204)) as server:
        results = frames_at(server.url).close(names, may_begin=lambda: True)

    assert results == [Push.POSTED] * 7 + [result] + [Push.POSTED] * 12
    assert {request.method for request in server.requests} == {"DELETE"}
