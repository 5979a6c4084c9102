"""Changes critical code at random places and counts what the tests notice: `python -m tests.support.gates.mutants`.

cosmic-ray makes the changes; `tests/mutants/targets.toml` says in which files, and which tests must notice. Each
target has copies of the tree for itself. What survives is printed as a diff: a test is missing, or nothing changed.
"""

import argparse
import ast
import json
import os
import random
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.support.gates.mistakes import copies_of_the_tree
from tests.support.gates.tree import ROOT

_TARGETS = ROOT / "tests" / "mutants" / "targets.toml"
_LAYER = "layers/banxway/banxway/"
_LONGEST_S = 600
_BIN = Path(sys.executable).parent
# Each operator becomes one or two others: eleven would only repeat what the first one shows.
_USELESS = r"core/ReplaceBinaryOperator_\w+_(RShift|LShift|BitOr|BitAnd|BitXor|Pow|FloorDiv|Mod|Div)"
_SAME = r"core/ReplaceComparisonOperator_(Eq|NotEq|Lt|LtE|Gt|GtE|Is|IsNot)_(Is|IsNot)"


@dataclass(frozen=True)
class Target:
    """Files, and the tests that must notice changes to them."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What became of the changes to one file."""

    file: str
    noticed: int
    survivors: tuple[str, ...]


def targets() -> list[Target]:
    """Read what is to be changed."""
    tables = tomllib.loads(_TARGETS.read_text())
    return [Target(name, tuple(one["files"]), tuple(one["tests"])) for name, one in tables.items()]


def attempt(copy: Path, file: str, tests: Sequence[str], *, every: int = 1) -> Result:
    """Make every change to one file of a copy, or one in `every`, one after the other."""
    config, session = copy / "mutants.toml", copy / "mutants.sqlite"
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider {' '.join(tests)}"
    config.write_text(
        f"[cosmic-ray]\nmodule-path = [{json.dumps(_LAYER + file)}]\ntimeout = {_LONGEST_S}\n"
        f"excluded-modules = []\ntest-command = {json.dumps(command)}\n"
        '[cosmic-ray.distributor]\nname = "local"\n'
        f"[cosmic-ray.filters.operators-filter]\nexclude-operators = [{json.dumps(_USELESS)}, {json.dumps(_SAME)}]\n"
    )
    session.unlink(missing_ok=True)
    _run(copy, "cosmic-ray", "init", config, session)
    _run(copy, "cr-filter-operators", session, config)
    _drop_annotations(session, copy)
    _drop_all_but_one_in(every, session, file)
    _run(copy, "cosmic-ray", "exec", config, session)
    return _result_of(session, file)


def _run(copy: Path, program: str, *arguments: Path | str) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(
        [_BIN / program, *arguments], cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL
    )


def _drop_annotations(session: Path, copy: Path) -> None:
    """Leave out what changes nothing that runs: the `|` of a type, and the `*` between parameters."""
    with sqlite3.connect(session) as database:
        rows = database.execute(
            "SELECT job_id, module_path, start_pos_row, start_pos_col FROM mutation_specs"
            " WHERE operator_name LIKE 'core/ReplaceBinaryOperator_%'"
        ).fetchall()
        _drop(
            database, [job for job, module, *place in rows if tuple(place) not in _operators(copy / module)]
        )


def _drop_all_but_one_in(every: int, session: Path, file: str) -> None:
    """Keep a sample, which is the same each time for the same file."""
    with sqlite3.connect(session) as database:
        jobs = [
            job
            for (job,) in database.execute(
                "SELECT job_id FROM mutation_specs ORDER BY start_pos_row, start_pos_col, operator_name, occurrence"
            )
        ]
        kept = set(random.Random(file).sample(jobs, -(-len(jobs) // every)))
        _drop(database, [job for job in jobs if job not in kept])


def _drop(database: sqlite3.Connection, jobs: Sequence[str]) -> None:
    for job in jobs:
        for table in ("mutation_specs", "work_results", "work_items"):
            database.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))


def _operators(path: Path) -> set[tuple[int, int]]:
    """Return the places of the operators that compute something."""
    text = path.read_text()
    lines = text.splitlines()
    tree = ast.parse(text)
    types = {id(inner) for outer in _annotations(tree) for inner in ast.walk(outer)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and id(node) not in types:
            row, column = node.left.end_lineno or 0, node.left.end_col_offset or 0
            while lines[row - 1][column : column + 1] in (" ", ")", ""):
                row, column = (row, column + 1) if column < len(lines[row - 1]) else (row + 1, 0)
            found.add((row, column))
    return found


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns
        # A name for a type, such as `Recipient = str | None`.
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.BinOp)
            and isinstance(node.value.op, ast.BitOr)
        ):
            yield node.value


def _result_of(session: Path, file: str) -> Result:
    with sqlite3.connect(session) as database:
        rows = database.execute(
            "SELECT test_outcome, diff FROM work_results WHERE worker_outcome = 'NORMAL'"
        ).fetchall()
    survivors = tuple(diff for outcome, diff in rows if outcome == "SURVIVED")
    return Result(file, len(rows) - len(survivors), survivors)


def main() -> int:
    """Change the files of the targets that are named, or of all; returns 1 below the aim."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "targets", nargs="*", help="which, by name or by a file's; all where none is named"
    )
    arguments.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments.add_argument("--every", type=int, default=1, help="make one change in this many: a sample")
    arguments.add_argument("--aim", type=float, default=0.85)
    options = arguments.parse_args()
    work = [
        (each.tests, file)
        for each in targets()
        for file in each.files
        if not options.targets or each.name in options.targets or file in options.targets
    ]
    with copies_of_the_tree(options.workers) as copies, ThreadPoolExecutor(options.workers) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def one(job: tuple[Sequence[str], str]) -> Result:
            copy = free.get()
            try:
                result = attempt(copy, job[1], job[0], every=options.every)
            finally:
                free.put(copy)
            total = result.noticed + len(result.survivors)
            print(f"{result.file}: {result.noticed} of {total} noticed", flush=True)
            return result

        results = list(pool.map(one, work))
    return _report(results, options.aim)


def _report(results: Sequence[Result], aim: float) -> int:
    for result in results:
        for survivor in result.survivors:
            print(f"\nsurvived in {result.file}\n{survivor}")
    noticed = sum(result.noticed for result in results)
    total = noticed + sum(len(result.survivors) for result in results)
    print(f"\n{noticed} of {total} changes are noticed: {noticed / max(total, 1):.1%} (aim {aim:.0%})")
    return 0 if total and noticed >= aim * total else 1


if __name__ == "__main__":
    sys.exit(main())
