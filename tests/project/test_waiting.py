"""No result depends on how fast the machine is: tests give the product its time, and tests wait for conditions.

A test that sleeps, or gives up after a few seconds, passes here and fails on a machine that is three times slower. So
what is to come is waited for by `eventually` (tests/support/timing/waiting.py), time passes on clocks that the test
moves (tests/support/timing/clocks.py), and whatever may end a wait takes a minute or more.

Only a wait for what never comes, such as the answer of a server that hangs, may be short: its line says so by
`# nothing comes`, and why.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, ROOT, nodes_of, python_files, shown

CLOCK = PACKAGE / "clock.py"
READS_THE_TIME_OF_DAY = {"now", "utcnow", "today"}

PATIENT_S = 60
"""What ends a wait for something that never comes must not end one for something that comes late."""

MAY_LOOK_AT_THE_CLOCK = {
    "tests/support/timing/waiting.py": "here everybody waits",
}
"""The files that may read, or wait by, the machine's clock, each with its reason."""

FIGURES = "tests/soak/"
"""Soaks print how long they took; none of them fails by it."""


NEVER_COMES = "# nothing comes"
SLEEPS = {"sleep"}
STOPWATCH = {
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "process_time_ns",
    "thread_time",
    "thread_time_ns",
    "clock_gettime",
}
WAITS = {
    "wait",
    "wait_for",
    "join",
    "result",
    "get",
    "put",
    "acquire",
    "settimeout",
    "communicate",
    "Barrier",
    "timeout",
}
"""The calls that give up after a number of seconds; `get` and `put` by a named argument only."""

_REQUESTS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}
UNASKED = {
    "httpx": ({"Client", "AsyncClient", *_REQUESTS}, ("timeout",)),
    "websockets": ({"connect"}, ("open_timeout", "ping_interval")),
}
"""What gives up after a few seconds by default, by package: its calls, and the argument that each must be given."""


@rule
def test_only_the_clock_reads_the_time() -> Sentences:
    """A test cannot let an hour pass for code that reads the time itself."""
    for file in python_files("layers/banxway", "functions"):
        if file != CLOCK:
            for line, what in _reads_the_time(nodes_of(file)):
                yield f"{shown(file)}:{line} {what}: take a Clock"


@rule
def test_no_test_waits_by_the_machines_clock() -> Sentences:
    """Neither a pause that hopes to be long enough, nor a time-out that a busy machine exceeds."""
    for file in python_files("tests"):
        if shown(file) not in MAY_LOOK_AT_THE_CLOCK:
            for line, what in _waits_by_the_clock(*_whole(file), measures=shown(file).startswith(FIGURES)):
                yield f"{shown(file)}:{line} {what}"


@rule
def test_no_test_keeps_the_time_of_its_import() -> Sentences:
    """The machine's clock may have been set since: what a test compares with now, it reads then."""
    for file in python_files("tests"):
        for node in getattr(nodes_of(file)[0], "body", []):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                for line, what in _reads_the_time(list(ast.walk(node))):
                    yield f"{shown(file)}:{line} {what} when it is imported"


@rule
def test_no_exception_outlives_its_reason() -> Sentences:
    for name in sorted(MAY_LOOK_AT_THE_CLOCK):
        if not (ROOT / name).is_file():
            yield f"{name} is not there any more: take it off the list"
        elif not list(_waits_by_the_clock(*_whole(ROOT / name))):
            yield f"{name} waits by no clock any more: take it off the list"


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "from time import monotonic",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "from datetime import datetime as d; d.now()",
    ],
)
def test_reading_the_time_is_seen(line: str) -> None:
    assert list(_reads_the_time(list(ast.walk(ast.parse(line)))))


@pytest.mark.parametrize(
    "line", ["self._clock.now()", "clock.sleep(1)", "from datetime import datetime", "clock.now"]
)
def test_asking_a_clock_is_allowed(line: str) -> None:
    assert not list(_reads_the_time(list(ast.walk(ast.parse(line)))))


@pytest.mark.parametrize(
    "line",
    [
        "time.sleep(0.1)",
        "began = time.monotonic()",
        "from time import perf_counter",
        "import time as stopwatch",
        "asyncio.sleep(1)",
        "done.wait(5)",
        "done.wait(timeout=5)",
        "thread.join(5)",
        "threading.Barrier(2, timeout=10)",
        "barrier.wait(5)",
        "future.result(timeout=30)",
        "queue.get(timeout=2)",
        "lock.acquire(timeout=1)",
        "sock.settimeout(5)",
        "socket.create_connection(address, timeout=3)",
        "httpx.get(url, timeout=10.0)",
        "psycopg.connect(url, connect_timeout=20)",
        "process.communicate(timeout=20)",
        "asyncio.wait_for(task, 5)",
        "PATIENCE = 5\ndone.wait(PATIENCE)",
        "done.wait(0.5 * 2)",
        "pytest.mark.timeout(120)",
        "time.sleep(0.2)  # nothing comes: a pause is no wait for anything",
        "httpx.Client()",
        "httpx.post(url, json={})",
        "from httpx import Client as C\nC(base_url=url)",
        "from websockets.sync.client import connect\nconnect(url, open_timeout=240)",
    ],
)
def test_waiting_by_the_clock_is_seen(line: str) -> None:
    assert list(_waits_by_the_clock(*_read(line)))


@pytest.mark.parametrize(
    "line",
    [
        "eventually(lambda: done)",
        "clock.sleep(5)",
        "clock.monotonic()",
        "done.wait()",
        "done.wait(240)",
        "thread.join(timeout=PATIENCE_S)",
        "', '.join(names)",
        "{}.get('name', 5)",
        "done.wait(0)",
        "sock.settimeout(None)",
        "httpx.get(url, timeout=60)",
        "httpx.AsyncClient(transport=asgi)",
        "from websockets.sync.client import connect\nconnect(url, open_timeout=240, ping_interval=None)",
        "psycopg.connect(url)",
        "asyncio.sleep(0)",
        "sock.settimeout(0.2)  # nothing comes: the server hangs",
        "pytest.mark.timeout(1200)",
    ],
)
def test_waiting_for_a_condition_is_allowed(line: str) -> None:
    assert not list(_waits_by_the_clock(*_read(line)))


def test_a_soak_may_measure_but_not_wait() -> None:
    assert not list(_waits_by_the_clock(*_read("began = time.perf_counter()"), measures=True))
    assert list(_waits_by_the_clock(*_read("time.sleep(1)"), measures=True))


def _reads_the_time(nodes: Sequence[ast.AST]) -> Iterator[tuple[int, str]]:
    names = {"datetime", "date"}
    for node in nodes:
        if isinstance(node, ast.Import) and any(each.name == "time" for each in node.names):
            yield node.lineno, "imports time"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield node.lineno, "imports from time"
        if isinstance(node, ast.ImportFrom) and node.module == "datetime":
            names |= {each.asname for each in node.names if each.asname}
    for node in nodes:
        is_reading = isinstance(node, ast.Attribute) and node.attr in READS_THE_TIME_OF_DAY
        if is_reading and ast.unparse(node.value).split(".")[-1] in names:
            yield node.lineno, f"calls {ast.unparse(node)}"


def _waits_by_the_clock(
    nodes: Sequence[ast.AST], lines: Sequence[str], *, measures: bool = False
) -> Iterator[tuple[int, str]]:
    """Yield the line and the reason of everything that the machine's speed decides; some may read a stopwatch."""
    words = SLEEPS if measures else SLEEPS | STOPWATCH
    numbers = _named_numbers(nodes)
    yield from _impatient_by_default(nodes)
    for node in nodes:
        if isinstance(node, ast.Import) and any(each.name == "time" and each.asname for each in node.names):
            yield node.lineno, "imports time under another name"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in sorted({each.name for each in node.names} & words):
                yield node.lineno, f"imports {name} from time"
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "time":
            if node.attr in words:
                yield node.lineno, f"uses time.{node.attr}"
        elif isinstance(node, ast.Call):
            seconds = _gives_up_after(node, numbers)
            never_comes = any(NEVER_COMES in line for line in lines[node.lineno - 1 : node.end_lineno])
            if seconds is not None and 0 < seconds < _least(node) and not never_comes:
                yield node.lineno, f"gives up after {seconds:g} s: {ast.unparse(node)[:80]}"


def _impatient_by_default(nodes: Sequence[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield the calls of packages that have a time-out of their own, where none is given."""
    names = {f"{package}.{name}": package for package, (calls, _) in UNASKED.items() for name in calls}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNASKED:
            package = (node.module or "").split(".")[0]
            taken = (each for each in node.names if each.name in UNASKED[package][0])
            names |= {each.asname or each.name: package for each in taken}
    for node in nodes:
        if isinstance(node, ast.Call) and (package := names.get(ast.unparse(node.func))):
            given = {keyword.arg for keyword in node.keywords}
            for wanted in UNASKED[package][1]:
                if not given & {wanted, "transport"}:  # what never leaves the process waits for nothing
                    yield node.lineno, f"has a time-out of its own: say {wanted}"


def _whole(file: Path) -> tuple[Sequence[ast.AST], list[str]]:
    return nodes_of(file), text_of(file).splitlines()


def _read(text: str) -> tuple[Sequence[ast.AST], list[str]]:
    return list(ast.walk(ast.parse(text))), text.splitlines()


def _least(node: ast.Call) -> float:
    """Return how long a wait may at least be: the whole of a test, by pytest's mark, ten times as long."""
    return 10 * PATIENT_S if ast.unparse(node.func).endswith("mark.timeout") else PATIENT_S


def _gives_up_after(node: ast.Call, numbers: dict[str, float]) -> float | None:
    """Return after how many seconds a call gives up, where that is written there or in a constant of the file."""
    for keyword in node.keywords:
        if keyword.arg in ("timeout", "connect_timeout"):
            return _number(keyword.value, numbers)
    name = ast.unparse(node.func).split(".")[-1]
    if ast.unparse(node.func) == "asyncio.sleep" and node.args:
        return _number(node.args[0], numbers)
    if name in WAITS - {"get", "put", "Barrier"} and node.args:
        return _number(node.args[-1], numbers)
    return None


def _named_numbers(nodes: Sequence[ast.AST]) -> dict[str, float]:
    found: dict[str, float] = {}
    for node in getattr(nodes[0], "body", []):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _number(node.value, found)
            if value is not None:
                found[node.targets[0].id] = value
    return found


def _number(node: ast.expr, numbers: dict[str, float]) -> float | None:
    """Return what an expression of numbers and constants comes to."""
    if isinstance(node, ast.Constant):
        return float(node.value) if type(node.value) in (int, float) else None
    if isinstance(node, ast.Name):
        return numbers.get(node.id)
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, numbers), _number(node.right, numbers)
        if left is not None and right is not None and isinstance(node.op, ast.Mult | ast.Add):
            return left * right if isinstance(node.op, ast.Mult) else left + right
    return None
