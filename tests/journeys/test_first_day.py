"""The first day of docs/operations.md, pasted into a shell beside a fresh product, prints what the page says.

The deployer's step gets the address of the tables' owner and no other.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.running.company import connect_as_superuser
from tests.support.running.runner import ROOT, Runner, start_runner
from tests.support.timing.waiting import PATIENCE_S

_EXPECTED = re.compile(r"^# → (.+?)(?: \(.*\))?$", re.MULTILINE)
# What the Makefile does, with the interpreter of this test, and the owner's address as all that it knows.
_MAKE = """
make() {{
  shift
  for each in "$@"; do export "${{each?}}"; done
  OWNER_DATABASE_URL='{owner}' '{python}' -m local.operators.organization --name "$NAME" --admin "$ADMIN"
}}
"""


def _run(block: str, runner: Runner) -> "subprocess.CompletedProcess[str]":
    deployer = _MAKE.format(owner=runner.info["database"]["owner_url"], python=sys.executable)
    return subprocess.run(
        ["bash"],
        input=deployer + block.replace("PORT=8000", f"PORT={runner.url.rpartition(':')[2]}"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        cwd=ROOT,
    )


def test_the_first_day_goes_as_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(PORT=.*?)^```", page, re.DOTALL | re.MULTILINE)
    expected = _EXPECTED.findall(block)

    with start_runner(tmp_path, timers=False) as runner:
        result = _run(block, runner)
        with connect_as_superuser(runner) as connection:
            team = connection.execute(
                """SELECT u.email, u.role, u.is_active, u.subject IS NOT NULL AS can_sign_in FROM users u
                   JOIN organizations o ON o.id = u.organization_id WHERE o.name = 'Asha Traders' ORDER BY email"""
            ).fetchall()

    # Without the product at its side the deployer's command cannot know how people sign in there.
    printed = result.stdout.splitlines()
    assert (printed[:2], printed[3:]) == (expected[:2], expected[3:]), result.stderr
    assert [tuple(row.values()) for row in team] == [
        ("asha@traders.example", "admin", True, True),
        ("ravi@traders.example", "agent", True, True),
    ]
    assert len(expected) > 10


def test_the_makefile_hands_on_what_was_given() -> None:
    """Quotes and dollars of a name are part of it."""
    name = """O'Hara & "Sons" $HOME"""
    shown = subprocess.run(
        ["make", "--dry-run", "organization", f"NAME={name}", "ADMIN=o@hara.example", "PORT=9000"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
        cwd=ROOT,
    ).stdout

    assert '--url http://127.0.0.1:9000 --name "$BANXWAY_NAME" --admin "$BANXWAY_ADMIN"' in shown
