"""Seconds and megabytes of a hostile mail, each in a process of its own (threat 31); `make test` counts the work.

Processor time, with room for a busy machine: what is promised is two seconds and 256 MB for a mail of a megabyte.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.gates.tree import LAYER
from tests.support.hostile.html_fragments import EXPLOSIVE
from tests.support.torture import corners
from tests.support.torture.bombs import BOMBS
from tests.support.torture.everything import all_cases

_SIZE = 1_000_000
_MEASURE = """
import json, pathlib, sys, time
from banxway.models.mail_display import MailToShow
from banxway.providers.mail.display import show
from banxway.providers.mail.parser import read
content = pathlib.Path(sys.argv[2]).read_bytes()
acts = {
    "read": lambda: read(content),
    "html": lambda: show(MailToShow(html=content.decode(), text="words"), lambda _: None),
    "text": lambda: show(MailToShow(html=None, text=content.decode()), lambda _: None),
}
started = time.process_time()
acts[sys.argv[1]]()
took_s = time.process_time() - started
# The process's own: getrusage would count what it was forked from.
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps([took_s, int(status.partition("VmHWM:")[2].split()[0]) / 1024]))
"""
_FLOODS = [case for case in all_cases() if len(case.raw) > 9_000]
_HTML = {name: lambda corner=corner: corner(_SIZE) for name, corner in corners.HTML.items()}
_HTML |= {name: lambda source=source: source for name, source in EXPLOSIVE.items()}


def _measured(act: str, content: bytes, folder: Path) -> tuple[float, float]:
    place = folder / "content"
    place.write_bytes(content)
    command = [sys.executable, "-c", _MEASURE, act, str(place)]
    done = subprocess.run(command, env={"PYTHONPATH": str(LAYER)}, capture_output=True, check=True)
    took_s, peak_mb = json.loads(done.stdout)
    sys.stdout.write(f"{act}: {len(content)} bytes, {took_s:.2f} s, {peak_mb:.0f} MB\n")
    return took_s, peak_mb


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_takes_less_than_two_seconds_and_256_megabytes(
    bomb: Callable[[], bytes], tmp_path: Path
) -> None:
    took_s, peak_mb = _measured("read", bomb(), tmp_path)

    assert took_s < 4
    assert peak_mb < 256


@pytest.mark.parametrize("raw", [case.raw for case in _FLOODS], ids=[case.attacks for case in _FLOODS])
def test_a_flood_takes_a_second_for_each_megabyte(raw: bytes, tmp_path: Path) -> None:
    took_s, peak_mb = _measured("read", raw, tmp_path)

    assert took_s < 0.5 + 2 * len(raw) / 1_000_000
    assert peak_mb < 256


@pytest.mark.parametrize("source", _HTML.values(), ids=_HTML)
def test_a_megabyte_of_html_takes_less_than_two_seconds_and_256_megabytes_to_show(
    source: Callable[[], str], tmp_path: Path
) -> None:
    took_s, peak_mb = _measured("html", source().encode(), tmp_path)

    assert took_s < 6
    assert peak_mb < 256


@pytest.mark.parametrize("text", corners.TEXTS.values(), ids=corners.TEXTS)
def test_a_megabyte_of_text_takes_less_than_two_seconds_and_256_megabytes_to_show(
    text: Callable[[int], str], tmp_path: Path
) -> None:
    took_s, peak_mb = _measured("text", text(_SIZE).encode(), tmp_path)

    assert took_s < 4
    assert peak_mb < 256
