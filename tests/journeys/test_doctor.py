"""`make doctor` against the running product, as its users call it."""

import os
import subprocess
import sys

from tests.support.running.runner import ROOT, Runner
from tests.support.timing.waiting import PATIENCE_S


def doctor(runner: Runner, *, session: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local.doctor", "--url", runner.url],
        cwd=ROOT,
        env={**os.environ, "BANXWAY_TOKEN": session},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_fresh_start_is_healthy_and_the_doctor_signs_in_without_a_token(runner: Runner) -> None:
    result = doctor(runner)

    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith(" checks, all good\nNothing is wrong.\n")


def test_a_forged_session_is_reported_as_of_another_environment(runner: Runner) -> None:
    header, claims, _ = runner.token().split(".")

    result = doctor(runner, session=f"{header}.{claims}.{'A' * 43}")

    assert result.returncode == 1
    assert "ERROR  token_wrong_environment" in result.stdout
    assert claims not in result.stdout + result.stderr
