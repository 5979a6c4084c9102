"""A real browser, to see what pages do: headless, with a new profile each time and no errands of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.support.debian import found

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--disable-default-apps",
)  # fmt: skip
_PATIENCE_S = 60
_REQUEST = "URL_REQUEST_START_JOB"
_LOOK_UP = "HOST_RESOLVER_MANAGER_REQUEST"


def dump_dom(url: str, *, patience_ms: int = 5000, net_log: Path | None = None) -> str:
    """Open a page, give its scripts and loads so many milliseconds of its own clock, and return its DOM as HTML.

    Every name resolves to this machine, so that nothing leaves it; `net_log` is written if it is named.
    """
    profile = tempfile.mkdtemp(prefix="chromium-")
    command = [
        found("chromium"), *_FLAGS, f"--user-data-dir={profile}",
        "--host-resolver-rules=MAP * 127.0.0.1", f"--virtual-time-budget={patience_ms}",
        *([f"--log-net-log={net_log}"] if net_log else []), "--dump-dom", url,
    ]  # fmt: skip
    # A session of its own: its helpers are stopped with it, should it hang.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    return output.decode("utf-8", "replace")


def requested(net_log: Path) -> list[str]:
    """Return every address that a page made the browser ask for, or look a name up of, as its own log has it."""
    log = _read(net_log)
    kinds = {number: name for name, number in log["constants"]["logEventTypes"].items()}
    found = []
    for event in log["events"]:
        kind, parameters = kinds.get(event["type"]), event.get("params", {})
        if kind == _REQUEST and "url" in parameters:
            found.append(str(parameters["url"]))
        elif kind == _LOOK_UP and "host" in parameters:
            found.append(str(parameters["host"]))
    return found


def _read(net_log: Path) -> dict[str, Any]:
    text = net_log.read_text(errors="replace").rstrip()
    try:
        log: dict[str, Any] = json.loads(text)
    except ValueError:
        # Ended in mid-list when the browser stopped.
        log = json.loads(text.rstrip(",") + "]}")
    return log
