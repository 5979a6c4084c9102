"""Functions in processes of their own: crashes, time limits, their environment, new code."""

import os
import signal
import threading
from contextlib import closing

import httpx
import psutil
import psycopg
import pytest

from tests.local.running.conftest import Bundle, write_bundle
from tests.support.running.runner import start_runner
from tests.support.timing.waiting import PATIENCE_S, eventually


def test_a_function_has_the_templates_environment_and_nothing_of_the_developers(client, runner):
    environment = client.post("/act/environment").json()

    assert environment["DATABASE_URL"] == runner.info["database"]["app_url"]
    assert environment["QUEUE_URL"] == runner.info["sqs"]["queues"]["Work"]
    assert environment["AWS_ENDPOINT_URL_SQS"] == runner.info["sqs"]["url"]
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "Act"
    assert environment["HOME"] == str(runner.state.resolve() / "home")
    assert "SECRET_OF_THE_DEVELOPER" not in environment
    assert "VIRTUAL_ENV" not in environment


@pytest.mark.parametrize("victim", ["pid", "python_pid"], ids=["emulator", "function"])
def test_a_killed_function_fails_its_call_and_is_replaced(client, runner, bundle: Bundle, victim: str):
    answers: list[httpx.Response] = []
    call = threading.Thread(target=lambda: answers.append(client.post(f"/act/wait-for-{victim}")))
    call.start()
    (pid,) = eventually(lambda: bundle.waiting(f"wait-for-{victim}"))
    (killed,) = [each for each in runner.functions()["Act"] if each["python_pid"] == pid]

    os.kill(killed[victim], signal.SIGKILL)
    call.join()

    assert answers[0].status_code == 500
    assert client.post("/act/ok").status_code == 200
    assert killed["pid"] not in [each["pid"] for each in runner.functions()["Act"]]


@pytest.mark.parametrize("victim", ["pid", "python_pid"], ids=["emulator", "function"])
def test_a_function_killed_between_two_calls_costs_nobody_an_error(client, runner, victim: str):
    client.post("/act/ok")
    killed = runner.functions()["Act"]

    for each in killed:
        os.kill(each[victim], signal.SIGKILL)
        eventually(lambda pid=each[victim]: not psutil.pid_exists(pid))

    assert client.post("/act/ok").status_code == 200
    assert not {each["pid"] for each in killed} & {each["pid"] for each in runner.functions()["Act"]}


def test_a_function_over_its_time_is_stopped_and_replaced(client, runner):
    with runner.timeout("Act", 1):  # nothing comes: the function waits for ever
        answer = client.post("/act/wait-for-ever")
        stopped = runner.functions()["Act"]

    assert answer.status_code == 500
    assert not any(each["busy"] for each in stopped)
    assert client.post("/act/ok").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/local/functions/Act", {"timeout_s": 0}, 422),
        ("PATCH", "/local/functions/Act", {"timeout_s": "soon"}, 422),
        ("PATCH", "/local/functions/Nobody", {"timeout_s": 5}, 404),
        ("POST", "/local/queues/Nowhere/pause", None, 404),
        ("POST", "/local/queues/Work/forget", None, 404),
    ],
    ids=["no time", "no number", "no function", "no queue", "no action"],
)
def test_what_the_runner_cannot_switch_is_refused(client, method, path, body, status):
    answer = client.request(method, path, json=body)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("path", ["/local/token", "/local/functions/Act"])
@pytest.mark.parametrize(
    "body",
    [b"", b"email=admin@banxway.local", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a": '],
    ids=["empty", "a form", "a list", "null", "a text", "not UTF-8", "nested without end", "cut off"],
)
def test_a_body_that_is_not_a_json_object_is_refused(client, path: str, body: bytes):
    answer = client.request("POST" if path == "/local/token" else "PATCH", path, content=body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body must be JSON such as {")


@pytest.mark.parametrize("email", [None, 1, [], {}])
def test_a_token_is_asked_for_by_an_address(client, email: object):
    answer = client.post("/local/token", json={"email": email})

    assert answer.status_code == 400
    assert client.post("/local/token", json={"email": "nobody@banxway.local"}).status_code == 404


def test_a_warm_process_is_used_again(client):
    first, second = client.post("/act/ok"), client.post("/act/ok")

    assert first.text == second.text


def test_changed_code_runs_at_the_next_call(client, bundle: Bundle):
    assert client.get("/changing").json() == {"new": False}

    app = bundle.functions / "changing" / "app.py"
    app.write_text("def handler(event, context):\n    return {'new': True}\n")

    eventually(lambda: client.get("/changing").json() == {"new": True})


def test_a_killed_runner_leaves_nothing_behind_and_starts_again(tmp_path):
    state, template = tmp_path / "state", write_bundle(tmp_path / "bundle")
    with start_runner(state, template=template, sandbox=False) as killed:
        descendants = killed.descendants()
        assert len(descendants) > 3  # PostgreSQL's processes, an emulator and its function, the guard

        killed.process.kill()
        killed.process.wait()

        eventually(lambda: not any(_lives(each) for each in descendants))

    with start_runner(state, template=template, sandbox=False) as again:
        assert httpx.get(f"{again.url}/health", timeout=PATIENCE_S).status_code == 200


def test_a_dead_database_is_started_again(runner):
    with closing(psycopg.connect(runner.info["database"]["superuser_url"], autocommit=True)) as connection:
        server = psutil.Process(connection.info.backend_pid).parent()
        assert server is not None

        server.kill()
        # A backend outlives its server for a moment, and would answer.
        eventually(lambda: not _answers(connection))

    eventually(lambda: _is_reached(runner.info["database"]["app_url"]))


def test_the_database_asks_for_a_password(runner):
    url = runner.info["database"]["superuser_url"]
    without = url.replace(url.split("//", 1)[1].split("@", 1)[0], "postgres:wrong")

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without)


def test_a_second_runner_on_the_same_state_is_refused(runner):
    with (
        pytest.raises(AssertionError, match="another runner uses"),
        start_runner(runner.state, sandbox=False),
    ):
        raise AssertionError("it started")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _is_reached(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=PATIENCE_S).close()
    except psycopg.OperationalError:
        return False
    return True
