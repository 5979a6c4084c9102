"""make logs [ONLY='exotel|integration'] [LINES=100] [FOLLOW=1]: what the local product's functions logged, by time.

On AWS it is one log group: aws logs tail <stack>'s LogGroup --follow --filter-pattern exotel.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from local.function_files import add_layer_to_path

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*")
_LAST_BYTES = 2_000_000
_LEFT_OUT = {
    "timestamp",
    "level",
    "message",
    "service",
    "stack_trace",
    "exception_name",
    "function",
    "exception",
}


def lines_of(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (time, function, line) of every log, oldest first; a line without a time stays after its predecessor."""
    found = []
    for file in sorted(folder.glob("*.log")):
        moment = ""
        for line in tail_of(file):
            if match := _TIME.search(line):
                moment = match[0].replace(" ", "T")
            found.append((moment, file.stem, line))
    yield from sorted(found, key=lambda each: each[0])


def tail_of(file: Path) -> list[str]:
    """Return a log's last lines: at most two megabytes of them."""
    with file.open("rb") as opened:
        size = opened.seek(0, 2)
        opened.seek(max(0, size - _LAST_BYTES))
        text = opened.read().decode(errors="replace")
    lines = text.splitlines()
    return lines[1:] if size > _LAST_BYTES else lines


def readable(function: str, line: str) -> str:
    """Return a line of JSON as readable text; any other line is returned unchanged."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict) or "message" not in entry:
        return f"{function}  {line}"
    more = {name: value for name, value in entry.items() if name not in _LEFT_OUT}
    head = f"{entry.get('timestamp', '')} {entry.get('level', ''):<7} {function}  {_text(entry['message'])}"
    cause = str(entry.get("exception") or "").strip().rpartition("\n")[2]
    return "  ".join(filter(None, (head, _text(more) if more else "", cause)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def follow(folder: Path, *, pause: Callable[[], object]) -> Iterator[tuple[str, str]]:
    """Yield (function, line) of what is logged from now on, looking after each pause."""
    read = {file: file.stat().st_size for file in folder.glob("*.log")}
    while True:
        pause()
        for file in sorted(folder.glob("*.log")):
            yield from ((file.stem, line) for line in _new_lines(file, read))


def _new_lines(file: Path, read: dict[Path, int]) -> list[str]:
    with file.open("rb") as opened:
        known = read.get(file, 0)
        begin = (
            known if opened.seek(0, 2) >= known else 0
        )  # a log that was emptied is read from its beginning
        opened.seek(begin)
        whole, end, _ = opened.read().rpartition(b"\n")
    read[file] = begin + len(whole) + len(end)
    return whole.decode(errors="replace").splitlines()


def _chosen(lines: Iterable[tuple[str, str]], only: str) -> Iterator[str]:
    from local.operators.masking import masked_text

    wanted = re.compile(only.replace(r"\|", "|"), re.IGNORECASE)  # grep's spelling is accepted too
    for function, line in lines:
        if wanted.search(f"{function} {line}"):
            yield masked_text(readable(function, line))


def main(arguments: list[str] | None = None) -> int:
    """Print the chosen lines, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make logs", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the local product's state folder")
    parser.add_argument("--only", default="", help="a word or a regular expression, in any case")
    parser.add_argument("--lines", type=int, default=100, help="how many of the latest")
    parser.add_argument("--follow", action="store_true", help="print new lines until Ctrl-C")
    given = parser.parse_args(arguments)
    add_layer_to_path()
    folder = given.state / "logs"
    if not folder.is_dir():
        print(
            f"There are no logs in {folder}: start the product (make run), or name its STATE", file=sys.stderr
        )
        return 2
    try:
        found = list(_chosen(((function, line) for _, function, line in lines_of(folder)), given.only))
        print("\n".join(found[-given.lines :]) if found else "No line matches.", flush=True)
        if given.follow:
            for line in _chosen(follow(folder, pause=lambda: time.sleep(0.5)), given.only):
                print(line, flush=True)
    except re.error as error:
        print(f"ONLY is not a regular expression: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
