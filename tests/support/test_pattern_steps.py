"""The counting of work agrees with the real patterns, and distinguishes one pass over a text from many."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.gates.chance import in_soak
from tests.support.timing.pattern_steps import Budget, CountedPattern, TooMuchWork

PATTERNS = [
    r"a|ab|b+c",
    r"(?i)<(b|i)\b.*?(?:</\1>|\Z)",
    r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*')?)?",
    r"(a{2,3}?b?){0,2}$",
    r"^(?:a|\W){1,}",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=in_soak(1000, else_=100))
@given(text=st.text("abB<>i/= \"'\n", max_size=12))
@example(text="<B>a</b>")
def test_it_matches_as_the_real_pattern_does(pattern: str, text: str) -> None:
    counted = CountedPattern(re.compile(pattern, re.DOTALL), Budget(100_000))

    # Each raises AssertionError where it ends elsewhere than the real one.
    counted.match(text)
    counted.sub("-", text)


def test_a_pattern_that_tries_everything_is_distinguished_from_one_that_passes_once() -> None:
    once, often = (Budget(10 * 30) for _ in "ab")
    CountedPattern(re.compile(r"a+$"), once).match("a" * 30 + "b")

    with pytest.raises(TooMuchWork):
        CountedPattern(re.compile(r"(a+)+$"), often).match("a" * 30 + "b")


def test_a_pattern_that_it_does_not_understand_is_refused() -> None:
    with pytest.raises(NotImplementedError):
        CountedPattern(re.compile(r"(?>a+)b"), Budget(10))


@pytest.mark.parametrize("text", ["ab", "ac", "xab", "b"])
@pytest.mark.parametrize("pattern", [r"a(?=b)", r"a(?!b)", r"(?<=x)a", r"(?<!x)a"])
def test_a_pattern_that_looks_around_is_understood(pattern: str, text: str) -> None:
    real = re.compile(pattern).search(text)

    counted = CountedPattern(re.compile(pattern), Budget(100)).search(text)

    assert (counted and counted.span()) == (real and real.span())


def test_a_pattern_that_ends_elsewhere_is_an_error() -> None:
    counted = CountedPattern(re.compile("ab"), Budget(10))
    counted._program.lines[-1:] = [("one", str.isalpha), ("match",)]

    with pytest.raises(AssertionError, match="counted otherwise"):
        counted.match("abc")
