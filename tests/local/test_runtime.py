"""Functions in processes of their own: crashes, time limits, their environment, new code."""

import os
import signal
import threading
import time
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests.local.conftest import write_bundle
from tests.support.runner import Runner, start_runner


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("bundle")


@pytest.fixture(scope="module")
def runner(folder, tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    environment = {"SECRET_OF_THE_DEVELOPER": "x"}
    with start_runner(
        state, template=write_bundle(folder), sandbox=False, environment=environment
    ) as started:
        yield started


@pytest.fixture
def client(runner: Runner):
    with httpx.Client(base_url=runner.url, timeout=40) as opened:
        yield opened


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
def test_a_killed_function_fails_its_call_and_is_replaced(client, runner, victim):
    client.post("/act/ok")
    answers = []
    call = threading.Thread(target=lambda: answers.append(client.post("/act/sleep")))
    call.start()
    busy = _wait_for(lambda: [each for each in runner.functions()["Act"] if each["busy"]])

    os.kill(busy[0][victim], signal.SIGKILL)
    call.join()

    assert answers[0].status_code == 500
    assert client.post("/act/ok").status_code == 200
    assert busy[0]["pid"] not in [each["pid"] for each in runner.functions()["Act"]]


def test_a_function_over_its_time_is_stopped_and_replaced(client, runner):
    started = time.monotonic()

    answer = client.post("/act/overrun")

    assert answer.status_code == 500
    assert 1.9 < time.monotonic() - started < 6
    assert client.post("/act/ok").status_code == 200


def test_a_warm_process_is_used_again(client):
    first, second = client.post("/act/ok"), client.post("/act/ok")

    assert first.text == second.text


def test_changed_code_runs_at_the_next_call(client, folder):
    app = folder / "functions" / "echo" / "app.py"
    client.get("/health")

    app.write_text("def handler(event, context):\n    return {'new': True}\n")

    assert _wait_for(lambda: client.get("/health").json() == {"new": True})


def test_a_killed_runner_leaves_nothing_behind_and_starts_again(tmp_path):
    state, template = tmp_path / "state", write_bundle(tmp_path / "bundle")
    with start_runner(state, template=template, sandbox=False) as killed:
        descendants = killed.descendants()
        assert len(descendants) > 3  # PostgreSQL's processes, an emulator and its function, the guard

        killed.process.kill()
        killed.process.wait()

        assert _wait_for(lambda: not any(_lives(each) for each in descendants))

    with start_runner(state, template=template, sandbox=False) as again:
        assert httpx.get(f"{again.url}/health").status_code == 200


def test_a_dead_database_comes_back_by_itself(runner):
    with psycopg.connect(runner.info["database"]["superuser_url"]) as connection:
        pid = int(connection.execute("SELECT pg_backend_pid()").fetchone()[0])
    server = next(each for each in runner.descendants() if each.name() == "postgres" and each.pid != pid)

    server.kill()

    assert _wait_for(lambda: _answers(runner.info["database"]["app_url"]))


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


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _wait_for(question, timeout_s: float = 15.0):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
