"""Mistakes that a person could make, each with the tests that must notice it.

Run `python -m tests.support.gates.mistakes`.

`tests/mistakes/<area>.toml` lists them. A mistake replaces a piece of a file, which must stand there exactly once;
the named tests must pass without it and fail with it. Each is tried in a copy of the tree: nothing here changes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.support.gates.tree import ROOT

FOLDER = ROOT / "tests" / "mistakes"
_COMPILED = ("layers", "functions", "local", "tests")
_FAILED = 1
"""What pytest ends with where a test failed; anything else means that none was run as it should."""


@dataclass(frozen=True)
class Mistake:
    """One wrong change: `old` becomes `new` in `file`. `breaks` says what this breaks, `tests` must notice it.

    `id` is in words, after its area: "ledger-settle-without-lock". `review` is its name in a review, if it has one.
    """

    id: str
    breaks: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    review: str = ""

    def problem(self, root: Path = ROOT) -> str | None:
        """Return why this mistake could not be made in a tree, or None."""
        path = root / self.file
        if not path.is_file():
            return f"{self.id}: {self.file} does not exist"
        found = path.read_text().count(self.old)
        if found != 1:
            return f"{self.id}: `old` stands {found} times in {self.file}, not once"
        if self.old == self.new:
            return f"{self.id}: `new` changes nothing"
        missing = [each for each in self.tests if not (root / each.partition("::")[0]).is_file()]
        return f"{self.id}: no such test file: {', '.join(missing)}" if missing else None

    @contextmanager
    def made_in(self, root: Path) -> Iterator[None]:
        """Make the mistake in a tree, and take it back."""
        path = root / self.file
        right = path.read_text()
        path.write_text(right.replace(self.old, self.new))
        try:
            yield
        finally:
            path.write_text(right)


def all_mistakes() -> list[Mistake]:
    """Read every mistake, in the order of the files."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        for values in tomllib.loads(path.read_text())["mistake"]:
            found.append(Mistake(**{**values, "tests": tuple(values["tests"])}))
    return found


@contextmanager
def copies_of_the_tree(count: int) -> Iterator[list[Path]]:
    """Make copies of every tracked or new file, with the environment of this tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="banxway-mistakes-") as folder:
        copies = [Path(folder) / str(number) for number in range(count)]
        for copy in copies:
            for name in filter(None, listed):
                if (ROOT / name).is_file():
                    (copy / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(ROOT / name, copy / name)
            (copy / ".venv").symlink_to((ROOT / ".venv").resolve())
            if (
                ROOT / ".local"
            ).exists():  # what `make run` has built: running functions would build it again
                (copy / ".local").symlink_to((ROOT / ".local").resolve())
            # By its hash, a file that was changed is compiled again, and no other is.
            compiled = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *_COMPILED]
            subprocess.run([sys.executable, *compiled], cwd=copy, check=True)
        yield copies


def run_tests(root: Path, tests: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run tests in a tree until one fails."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def unnoticed(mistakes: Sequence[Mistake], *, workers: int) -> Iterator[str]:
    """Make each mistake and yield a sentence for each that its tests do not notice."""
    with copies_of_the_tree(workers) as copies, ThreadPoolExecutor(workers) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def attempt(mistake: Mistake) -> str | None:
            copy = free.get()
            try:
                with mistake.made_in(copy):
                    ended = run_tests(copy, mistake.tests)
            finally:
                free.put(copy)
            print("." if ended.returncode == _FAILED else "F", end="", flush=True)
            return None if ended.returncode == _FAILED else _said(mistake, ended)

        yield from filter(None, pool.map(attempt, mistakes))


def _said(mistake: Mistake, ended: "subprocess.CompletedProcess[str]") -> str:
    how = "its tests pass" if ended.returncode == 0 else f"pytest ended with {ended.returncode}"
    return f"{mistake.id} ({mistake.breaks}): {how}\n{ended.stdout[-600:]}"


def _broken_without(mistakes: Iterable[Mistake]) -> str | None:
    """Return what is said by tests that fail although no mistake was made."""
    tests = sorted({test for mistake in mistakes for test in mistake.tests})
    with copies_of_the_tree(1) as (copy,):
        ended = run_tests(copy, tests)
    return ended.stdout[-2000:] if ended.returncode else None


def main() -> int:
    """Try the mistakes that are named, or all; returns 1 if one goes unnoticed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "ids", nargs="*", help="which mistakes, by id or by how it begins; all where none is named"
    )
    arguments.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()
    chosen = [each for each in all_mistakes() if not options.ids or _is_named(each, options.ids)]
    problems = [problem for each in chosen if (problem := each.problem())]
    if problems or not chosen:
        print("\n".join(problems) or "no such mistake")
        return 1
    if broken := _broken_without(chosen):
        print(f"the tests fail without any mistake:\n{broken}")
        return 1
    missed = list(unnoticed(chosen, workers=options.workers))
    print(f"\n{len(chosen) - len(missed)} of {len(chosen)} mistakes are noticed", *missed, sep="\n")
    return 1 if missed else 0


def _is_named(mistake: Mistake, names: Sequence[str]) -> bool:
    return any(mistake.id == name or mistake.id.startswith(f"{name}-") for name in names)


if __name__ == "__main__":
    sys.exit(main())
