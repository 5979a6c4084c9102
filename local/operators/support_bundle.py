"""make support-bundle: everything that somebody who helps needs to see, in one file, with secrets masked.

Health, configuration status, diagnosis, the audit trail's latest entries, notifications and, for a local product,
the recent logs. URL=https://… TOKEN=… asks another deployment, whose logs are in CloudWatch.
"""

import argparse
import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local import doctor
from local.function_files import ROOT, add_layer_to_path
from local.operators.deployment import LOCAL_URL, product_at
from local.operators.logs import tail_of

ASKED = {
    "health.json": "/health",
    "status.json": "/api/v1/settings/configuration-status",
    "integrations.json": "/api/v1/settings/integrations",
    "mailboxes.json": "/api/v1/settings/email-accounts",
    "notifications.json": "/api/v1/settings/notifications",
    "audit.json": "/api/v1/settings/audit-logs?limit=50",
}
_LINES_PER_LOG = 1000


def write(url: str, token: str | None, folder: Path) -> Path:
    """Write the bundle into a folder and return its file, which only its user may read."""
    from local.operators.masking import know_this_machine

    info = product_at(url)
    state = Path(info["state"]) if info else None
    know_this_machine(state)
    examining = doctor.Doctor(url, token)
    parts = dict(_answers(examining))
    parts["about.txt"] = _about(url, sorted(parts))
    parts |= {f"logs/{name}": text for name, text in _logs(state)}
    moment = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"support-{moment}.zip"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content.getvalue())
    return file


def _answers(examining: doctor.Doctor) -> Iterator[tuple[str, str]]:
    """Yield the name and text of every part that the API returns; where it does not answer, the part says so."""
    from local.operators.masking import masked

    report = masked(examining.examine())
    yield "doctor.txt", doctor.write(report) + "\n"
    yield "diagnosis.json", _json(report)
    for name, path in ASKED.items():
        try:
            answer = examining.answer_to(path)
            yield name, _json({"status": answer.status, "answer": answer.content})
        except OSError as error:
            yield name, _json({"not_answered": str(getattr(error, "reason", None) or type(error).__name__)})


def _json(value: Any) -> str:
    from local.operators.masking import masked

    return json.dumps(masked(value), indent=2, ensure_ascii=False) + "\n"


def _logs(state: Path | None) -> Iterator[tuple[str, str]]:
    from local.operators.masking import masked_line

    if state is None:
        yield (
            "README.txt",
            "The logs of a deployment are in CloudWatch: aws logs tail <LogGroup> --since 1h\n",
        )
        return
    for file in sorted((state / "logs").glob("*.log")):
        yield file.name, "".join(f"{masked_line(line)}\n" for line in tail_of(file)[-_LINES_PER_LOG:])


def _about(url: str, parts: list[str]) -> str:
    from banxway.storage.migrator import migration_names

    return (
        f"made at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC for {url}\n"
        f"Python {platform.python_version()} on {platform.platform()}\n"
        f"this tree's newest migration: {migration_names()[-1]}\n"
        f"parts: {', '.join(parts)}, logs\n"
        "Secrets, addresses and telephone numbers are masked. Look through it before you send it.\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Write the bundle, say where it is, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make support-bundle", description=__doc__)
    parser.add_argument("--url", default=LOCAL_URL, help="the deployment to ask")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".local" / "support", help="where the file goes"
    )
    given = parser.parse_args(arguments)
    add_layer_to_path()
    token = os.environ.get("BANXWAY_TOKEN", "").strip() or None
    try:
        print(
            f"wrote {write(given.url.rstrip('/'), token, given.folder)}: look through it before you send it"
        )
    except (doctor.NotAsked, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
