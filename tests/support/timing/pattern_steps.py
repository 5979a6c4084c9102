"""How much work something is, counted in steps and not in seconds.

    with counting(monkeypatch, module, most=40 * len(text)) as budget:   # steps of its patterns, lines of its code
        module.read(text)
    budget.steps

A regular expression's steps are those of a backtracking machine, as Python's own is, that walks through the pattern.
Its answer must be that of the real pattern, which is what is returned; so a pattern that it does not understand fails
a test. It knows none of the real machine's short cuts: the real one takes no more steps, up to a constant factor.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from re import _constants as sre
from re import _parser as parser
from types import FrameType, ModuleType
from typing import Any

import pytest

Test = Callable[[str], bool]


class TooMuchWork(AssertionError):
    """Raised when a budget is spent: too many steps for one pass over so short a text."""


@dataclass
class Budget:
    """The steps that may be taken, and those that were."""

    most: int
    steps: int = 0

    def spend(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise TooMuchWork(f"more than {self.most} steps")


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType, most: int) -> Iterator[Budget]:
    """Count the steps of some modules' patterns and the lines of code that they run; raises TooMuchWork beyond."""
    budget = Budget(most)
    with monkeypatch.context() as patch:
        for module in modules:
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern | tuple):
                    patch.setattr(module, name, _counted(value, budget))
        files = {module.__file__ for module in modules}

        def trace(frame: FrameType, event: str, _: object) -> Any:
            if frame.f_code.co_filename not in files:
                return None
            if event == "line":
                budget.spend()
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield budget
        finally:
            sys.settrace(before)


def _counted(value: Any, budget: Budget) -> Any:
    """Return a pattern as a counted one, also where it stands in a tuple, with whatever else is there."""
    if isinstance(value, tuple):
        return tuple(_counted(each, budget) for each in value)
    return CountedPattern(value, budget) if isinstance(value, re.Pattern) else value


@dataclass
class _Program:
    """Instructions: what to do, and its arguments. Groups are remembered where something refers to them."""

    lines: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, *line: Any) -> int:
        self.lines.append(line)
        return len(self.lines) - 1


class CountedPattern:
    """A compiled pattern whose matching is counted; only what the product uses of one."""

    def __init__(self, real: "re.Pattern[str]", budget: Budget) -> None:
        self._real = real
        self._budget = budget
        self._flags = real.flags
        self._program = _Program()
        self._compile(parser.parse(real.pattern, real.flags & ~re.UNICODE))
        self._program.add("match")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def match(self, text: str, at: int = 0) -> "re.Match[str] | None":
        # The real one last: it has no budget.
        end = self._run(text, at)
        real = self._real.match(text, at)
        assert (real.end() if real else None) == end, (
            f"counted otherwise than it matches: {self._real.pattern}"
        )
        return real

    def search(self, text: str, at: int = 0) -> "re.Match[str] | None":
        ends = ((start, self._run(text, start)) for start in range(at, len(text) + 1))
        span = next(((start, end) for start, end in ends if end is not None), None)
        real = self._real.search(text, at)
        assert (real.span() if real else None) == span, (
            f"counted otherwise than it matches: {self._real.pattern}"
        )
        return real

    def finditer(self, text: str) -> "Iterator[re.Match[str]]":
        at = 0
        while at <= len(text) and (found := self.search(text, at)):
            yield found
            at = max(found.end(), found.start() + 1)

    def sub(self, by: Any, text: str) -> str:
        list(self.finditer(text))
        return self._real.sub(by, text)

    # ── into instructions ────────────────────────────────────────────────────────────────────

    def _compile(self, nodes: Any) -> None:
        for code, given in nodes:
            self._compile_one(code, given)

    def _compile_one(self, code: Any, given: Any) -> None:
        program = self._program
        if code in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN, sre.CATEGORY):
            program.add("one", self._test(code, given))
        elif code in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            self._compile_repeat(given, is_greedy=code is sre.MAX_REPEAT)
        elif code is sre.SUBPATTERN:
            number, added, removed, inner = given
            before, self._flags = self._flags, (self._flags | added) & ~removed
            program.add("begin", number)
            self._compile(inner)
            program.add("end", number)
            self._flags = before
        elif code is sre.BRANCH:
            self._compile_branches(given[1])
        elif code is sre.AT:
            program.add("at", given)
        elif code is sre.GROUPREF:
            program.add("same", given, bool(self._flags & re.IGNORECASE))
        elif code in (sre.ASSERT, sre.ASSERT_NOT):
            self._compile_look(given, is_negative=code is sre.ASSERT_NOT)
        else:
            raise NotImplementedError(code)

    def _compile_branches(self, branches: Any) -> None:
        program, jumps = self._program, []
        for branch in branches[:-1]:
            split = program.add()
            self._compile(branch)
            jumps.append(program.add())
            program.lines[split] = ("split", split + 1, len(program.lines))
        self._compile(branches[-1])
        for jump in jumps:
            program.lines[jump] = ("jump", len(program.lines))

    def _compile_repeat(self, given: Any, *, is_greedy: bool) -> None:
        least, most, inner = given
        program = self._program
        for _ in range(least):
            self._compile(inner)
        if most is sre.MAXREPEAT:
            split = program.add()
            self._compile(inner)
            program.add("jump", split)
            program.lines[split] = self._split(split + 1, len(program.lines), is_greedy=is_greedy)
            return
        splits = []
        for _ in range(most - least):
            splits.append(program.add())
            self._compile(inner)
        for split in splits:
            program.lines[split] = self._split(split + 1, len(program.lines), is_greedy=is_greedy)

    def _compile_look(self, given: Any, *, is_negative: bool) -> None:
        direction, inner = given
        outer, self._program = self._program, _Program()
        self._compile(inner)
        self._program.add("match")
        looked, self._program = self._program, outer
        self._program.add("look", looked, 0 if direction > 0 else inner.getwidth()[0], is_negative)

    @staticmethod
    def _split(inside: int, behind: int, *, is_greedy: bool) -> tuple[str, int, int]:
        return ("split", inside, behind) if is_greedy else ("split", behind, inside)

    def _test(self, code: Any, given: Any) -> Test:
        """Return whether one character matches the pattern's part, by matching that part alone."""
        alone = parser.SubPattern(parser.State())
        alone.append((code, given))
        from re import _compiler as compiler

        flags = self._flags & (re.IGNORECASE | re.DOTALL | re.UNICODE)
        one = compiler.compile(alone, flags)
        known: dict[str, bool] = {}

        def test(character: str) -> bool:
            if character not in known:
                known[character] = one.match(character) is not None
            return known[character]

        return test

    # ── running them ─────────────────────────────────────────────────────────────────────────

    def _run(self, text: str, start: int, program: _Program | None = None) -> int | None:
        """Return where the pattern ends that begins at a place, or None; each instruction is a step."""
        lines = (program or self._program).lines
        waiting: list[_State] = [(0, start, {})]
        while waiting:
            state: _State | None = waiting.pop()
            while state is not None:
                self._budget.spend()
                line, at, groups = state
                what, *given = lines[line]
                if what == "match":
                    return at
                if what == "split":
                    waiting.append((given[1], at, groups))
                if what in ("split", "jump"):
                    state = (given[0], at, groups)
                elif what == "look":
                    state = (line + 1, at, groups) if self._sees(given, text, at) else None
                elif what in ("begin", "end"):
                    state = (line + 1, at, {**groups, (what, given[0]): at})
                else:
                    length = _length_of(what, given, text, at, groups)
                    state = None if length is None else (line + 1, at + length, groups)
        return None

    def _sees(self, given: list[Any], text: str, at: int) -> bool:
        program, back, is_negative = given
        found = at >= back and self._run(text, at - back, program) is not None
        return found is not is_negative


_State = tuple[int, int, dict[tuple[str, int], int]]


def _length_of(
    what: str, given: list[Any], text: str, at: int, groups: dict[tuple[str, int], int]
) -> int | None:
    """Return how many characters an instruction takes at a place; None if it does not fit there."""
    if what == "one":
        return 1 if at < len(text) and given[0](text[at]) else None
    if what == "at":
        return 0 if _holds(given[0], text, at) else None
    number, ignores_case = given
    wanted = text[groups["begin", number] : groups["end", number]]
    found = text[at : at + len(wanted)]
    is_same = found.lower() == wanted.lower() if ignores_case else found == wanted
    return len(wanted) if is_same else None


def _holds(where: Any, text: str, at: int) -> bool:
    if where in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        return at == 0
    if where is sre.AT_END_STRING:
        return at == len(text)
    if where is sre.AT_END:
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    before, after = _is_word(text[at - 1 : at]), _is_word(text[at : at + 1])
    return (before != after) == (where is sre.AT_BOUNDARY)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
