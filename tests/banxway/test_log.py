"""Whatever is logged, the line is JSON, in UTC, and gives no secret away."""

import base64
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from banxway import errors
from banxway.log import bind, clear, cover_libraries, get_logger
from banxway.models.integrations.credentials import MailServer
from banxway.security.redaction import forget_all, remember

LAYER = Path(__file__).parents[2] / "layers" / "banxway"
CANARY = "canary-9d41-value"


@pytest.fixture(autouse=True)
def clean_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start and end with nothing bound, and keep out the handler that pytest adds to every logger."""
    clear()
    forget_all()
    logger = logging.getLogger("banxway")
    monkeypatch.setattr(logger, "handlers", [get_logger().registered_handler])
    monkeypatch.setattr(logger, "addHandler", lambda _: None)
    yield
    clear()
    forget_all()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Return the JSON objects logged since the last call."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_in_utc_and_names_the_service(lines: Callable[[], list[dict[str, Any]]]) -> None:
    get_logger().info("sent", extra={"message_id": "m1"})

    (line,) = lines()
    assert (line["message"], line["message_id"], line["service"], line["level"]) == (
        "sent",
        "m1",
        "banxway",
        "INFO",
    )
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_bound_keys_are_on_every_line_until_cleared(lines: Callable[[], list[dict[str, Any]]]) -> None:
    bind(organization_id="o1", request_id="r1")
    get_logger().info("one")
    bind(request_id="r2")
    get_logger().info("two")
    clear()
    get_logger().info("three")

    one, two, three = lines()
    assert (one["organization_id"], one["request_id"]) == ("o1", "r1")
    assert (two["organization_id"], two["request_id"]) == ("o1", "r2")
    assert "organization_id" not in three
    assert "request_id" not in three
    assert three["service"] == "banxway"


def test_the_logger_is_made_once() -> None:
    assert get_logger() is get_logger()


# Threat 43: a canary in every place from which something is logged.


def _log_in_a_chain() -> None:
    try:
        try:
            raise ValueError(f"535 login failed for password {CANARY}")
        except ValueError as error:
            raise errors.Unavailable(f"cannot reach https://key:{CANARY}@host", token=CANARY) from error
    except errors.Unavailable as error:
        error.add_note(f"while using {CANARY}")
        get_logger().exception("failed %s", CANARY)


def _log_from_a_frame_with_the_secret_in_its_source() -> None:
    try:
        exec(compile(f"raise RuntimeError('{CANARY}')", f"<{CANARY}>", "exec"), {})
    except RuntimeError:
        get_logger().exception("failed")


WAYS: dict[str, Callable[[], object]] = {
    "the message": lambda: get_logger().info(f"password is {CANARY}"),
    "an argument": lambda: get_logger().info("password is %s", CANARY),
    "a dictionary argument": lambda: get_logger().info("%(a)s", {"a": CANARY}),
    "a message that is a dictionary": lambda: get_logger().info({"nested": [{"note": CANARY}]}),
    "a message that is JSON": lambda: get_logger().info(json.dumps({"note": CANARY})),
    "a message that is an exception": lambda: get_logger().error(ValueError(CANARY)),
    "an extra key": lambda: get_logger().info("x", extra={"note": CANARY, "nested": {"list": [CANARY]}}),
    "a keyword": lambda: get_logger().info("x", note=CANARY),
    "the name of a key": lambda: get_logger().info("x", extra={CANARY: 1}),
    "an object": lambda: get_logger().info(
        "x", extra={"server": MailServer("h", 993, "implicit", "u", CANARY)}
    ),
    "bytes": lambda: get_logger().info("x", extra={"raw": CANARY.encode()}),
    "a Basic pair": lambda: get_logger().info(base64.b64encode(f"key:{CANARY}".encode()).decode()),
    "a bound key": lambda: (bind(note=CANARY), get_logger().info("x")),
    "a chain of exceptions": _log_in_a_chain,
    "a stack frame": _log_from_a_frame_with_the_secret_in_its_source,
    "the stack": lambda: get_logger().info("x", stack_info=True, extra={"note": CANARY}),
    "wrong arguments": lambda: get_logger().info("%d", CANARY),
    "too many arguments": lambda: get_logger().info("x", CANARY, CANARY),
}


@pytest.mark.parametrize("log", WAYS.values(), ids=WAYS.keys())
def test_a_remembered_secret_never_reaches_the_log(
    capsys: pytest.CaptureFixture[str], log: Callable[[], object]
) -> None:
    remember(CANARY)

    log()

    written = "".join(capsys.readouterr())
    assert written.count("\n") >= 1, "something was logged"
    assert CANARY not in written
    assert base64.b64encode(CANARY.encode()).decode()[:12] not in written


def test_a_secret_is_masked_by_its_name_without_being_remembered(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    get_logger().info("x", extra={"api_token": CANARY, "headers": {"Authorization": f"Basic {CANARY}"}})

    (line,) = lines()
    assert line["api_token"] == "***"
    assert line["headers"] == {"Authorization": "***"}


def test_addresses_of_people_are_masked(lines: Callable[[], list[dict[str, Any]]]) -> None:
    get_logger().info("from asha@example.com", extra={"to": "+919876543210"})

    (line,) = lines()
    assert (line["message"], line["to"]) == ("from a***@example.com", "***3210")


def test_a_line_that_cannot_be_written_says_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info("%d", CANARY)

    written = capsys.readouterr()
    assert json.loads(written.out)["message"].startswith("unwritable log line at test_log.py:")
    assert written.err == ""


def test_what_a_library_logs_is_masked_once_it_is_covered(capsys: pytest.CaptureFixture[str]) -> None:
    remember(CANARY)
    root, handler = logging.getLogger(), logging.StreamHandler(sys.stdout)
    others, root.handlers = root.handlers, [handler]
    try:
        cover_libraries()
        logging.getLogger("urllib3").warning("retrying https://%s", CANARY)
    finally:
        root.handlers = others

    written = capsys.readouterr().out
    assert json.loads(written)["message"] == "retrying https://***"


def test_importing_the_log_imports_no_powertools() -> None:
    check = "import sys, banxway.log; sys.exit('aws_lambda_powertools' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", check], env={"PYTHONPATH": str(LAYER)}, check=False)

    assert done.returncode == 0
