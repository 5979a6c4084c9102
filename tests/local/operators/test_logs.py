"""`make logs`: what all functions logged, in the order of time, without secrets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local.operators import logs

WORD = "s3cret"

Run = Callable[..., tuple[int, str, str]]


def _entry(moment: str, message: str, **more: object) -> str:
    return json.dumps(
        {"timestamp": f"2026-11-30T{moment}+00:00", "level": "INFO", "message": message, **more}
    )


def _append(file: Path, text: str) -> None:
    with file.open("a") as opened:
        opened.write(text)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with the logs of two functions and of the database."""
    folder = tmp_path / "logs"
    folder.mkdir()
    deliver = [
        _entry("10:00:01.000", "item taken", message_id="m-1"),
        _entry("10:00:03.000", "Exotel refused", code="provider_denied"),
    ]
    poll = [_entry("10:00:02.000", "polled", folder="INBOX")]
    (folder / "MessagesDeliver.log").write_text("\n".join(deliver) + "\n")
    (folder / "EmailSyncPollMailboxes.log").write_text("\n".join(poll) + "\n")
    (folder / "postgres.log").write_text("2026-11-30 10:00:04.000 UTC [1] LOG:  ready\n\tsecond line\n")
    return tmp_path


@pytest.fixture
def run(state: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run_it(*arguments: str) -> tuple[int, str, str]:
        return logs.main(["--state", str(state), *arguments]), *capsys.readouterr()

    return run_it


def test_lines_of_all_functions_come_in_the_order_of_time(run: Run) -> None:
    code, printed, _ = run()

    assert code == 0
    assert printed.splitlines() == [
        '2026-11-30T10:00:01.000+00:00 INFO    MessagesDeliver  item taken  {"message_id": "m-1"}',
        '2026-11-30T10:00:02.000+00:00 INFO    EmailSyncPollMailboxes  polled  {"folder": "INBOX"}',
        '2026-11-30T10:00:03.000+00:00 INFO    MessagesDeliver  Exotel refused  {"code": "provider_denied"}',
        "postgres  2026-11-30 10:00:04.000 UTC [1] LOG:  ready",
        "postgres  \tsecond line",
    ]


@pytest.mark.parametrize(
    ("only", "found"),
    [
        ("EXOTEL", 1),
        ("exotel|polled", 2),
        (r"exotel\|polled", 2),
        ("postgres", 2),
        ("MessagesDeliver", 2),
        ("nothing like it", 0),
    ],
)
def test_a_word_chooses_lines_and_functions(run: Run, only: str, found: int) -> None:
    code, printed, _ = run("--only", only)

    assert code == 0
    assert len(printed.splitlines()) == max(found, 1)
    assert (printed == "No line matches.\n") == (found == 0)


def test_only_as_many_of_the_latest_lines_are_shown_as_are_asked_for(run: Run) -> None:
    assert run("--lines", "1")[1] == "postgres  \tsecond line\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--only", "("), "ONLY is not a regular expression"), ((), "There are no logs in")],
)
def test_what_cannot_be_shown_is_explained(
    run: Run, state: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    if not arguments:
        (state / "logs").rename(state / "moved")

    code, printed, complaint = run(*arguments)

    assert (code, printed) == (2, "")
    assert complaint.startswith(sentence)


def test_an_error_is_shown_with_the_last_line_of_its_traceback() -> None:
    line = _entry(
        "10:00:00", "item failed", exception="Traceback (most recent call last):\n  …\nOSError: full"
    )

    assert logs.readable("Worker", line).endswith("item failed  OSError: full")


def test_secrets_are_masked_once_more(run: Run, state: Path) -> None:
    with (state / "logs" / "postgres.log").open("a") as log:
        log.write(f"2026-11-30 10:00:05 connection postgresql://banxway_app:{WORD}@db/banxway\n")

    assert WORD not in run()[1]


def test_what_is_logged_from_now_on_follows_in_whole_lines(state: Path) -> None:
    log = state / "logs" / "MessagesDeliver.log"
    steps = iter(
        [
            lambda: _append(log, "first half, "),
            lambda: _append(log, "second half\n"),
            lambda: (state / "logs" / "New.log").write_text("new\n"),
            lambda: log.write_text("emptied\n"),
        ]
    )
    following = logs.follow(state / "logs", pause=lambda: next(steps)())

    assert [next(following) for _ in range(3)] == [
        ("MessagesDeliver", "first half, second half"),
        ("New", "new"),
        ("MessagesDeliver", "emptied"),
    ]


def test_only_the_end_of_a_large_log_is_read(tmp_path: Path) -> None:
    log = tmp_path / "large.log"
    log.write_text("x" * 99 + "\n" + ("y" * 99 + "\n") * 20_000)

    lines = logs.tail_of(log)

    assert len(lines) == 19_999
    assert set(lines) == {"y" * 99}
