"""`make doctor` against the running product, as its users call it."""

import os
import subprocess
import sys

from tests.support.runner import ROOT, Runner
from tests.support.waiting import PATIENCE_S


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


def test_a_fresh_start_is_healthy_and_the_doctor_signs_in_by_itself(runner: Runner) -> None:
    told = doctor(runner)

    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.endswith(" checks, all good\nNothing is wrong.\n")


def test_a_forged_session_is_told_to_be_of_another_environment(runner: Runner) -> None:
    header, claims, _ = runner.token().split(".")

    told = doctor(runner, session=f"{header}.{claims}.{'A' * 43}")

    assert told.returncode == 1
    assert "ERROR  token_wrong_environment" in told.stdout
    assert claims not in told.stdout + told.stderr
