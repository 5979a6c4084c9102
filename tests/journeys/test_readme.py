"""The conversation in README.md, pasted into a shell beside a fresh product, prints what README.md says."""

import re
import subprocess
from pathlib import Path

from tests.support.running.runner import ROOT, start_runner
from tests.support.timing.waiting import PATIENCE_S

_EXPECTED = re.compile(r"^# → (.+?)(?: \(.*\))?$", re.MULTILINE)


def test_the_conversation_prints_what_is_written_below_each_command(tmp_path: Path) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(PORT=.*?)^```", page, re.DOTALL | re.MULTILINE)
    expected = _EXPECTED.findall(block)

    with start_runner(tmp_path, timers=False) as runner:
        port = runner.url.rpartition(":")[2]
        result = subprocess.run(
            ["bash"],
            input=block.replace("PORT=8000", f"PORT={port}"),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    # The last command watches the message on its way, beside what is printed.
    assert (result.stdout.splitlines(), result.stderr.splitlines()[-1]) == (expected[:-1], expected[-1])
    assert len(expected) > 6
