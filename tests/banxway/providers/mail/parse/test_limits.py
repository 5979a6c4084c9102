"""Each limit of one mail is exact to its last unit, and a mail above it gets a sentence in its problems."""

import pytest

from banxway.providers.mail.parse.limits import Budget, ParseLimits
from tests.support.timing.clocks import SetClock


def a_budget(**limits: float) -> Budget:
    return Budget(ParseLimits(**limits), SetClock())


def test_parts_are_taken_up_to_the_last_one():
    budget = a_budget(max_parts=2)

    assert [budget.admit_part(0) for _ in range(4)] == [True, True, False, False]
    assert budget.problems == ["The mail has more than 2 parts; the rest was left unread."]


def test_parts_are_taken_down_to_the_deepest():
    budget = a_budget(max_depth=2)

    assert [budget.admit_part(depth) for depth in (1, 2, 3)] == [True, True, False]
    assert budget.problems == ["Parts nested deeper than 2 were left unread."]
    assert budget.parts == 2


def test_parts_are_taken_until_the_time_is_over():
    budget = a_budget(max_seconds=20)
    clock = budget.clock
    assert isinstance(clock, SetClock)

    clock.advance(seconds=20)
    in_time = budget.admit_part(0)
    clock.advance(seconds=1)

    assert (in_time, budget.admit_part(0)) == (True, False)
    assert budget.problems == ["Reading stopped after 20 seconds; the rest was left unread."]


def test_an_embedded_mail_is_counted_once():
    budget = a_budget(max_parts=2)

    counted = [
        budget.admit_part(1),
        budget.admit_embedded_mail(2),
        budget.admit_part(1),
        budget.admit_embedded_mail(2),
    ]

    assert counted == [True] * 4
    assert budget.parts == 2


def test_an_embedded_mail_that_is_too_deep_stays_closed():
    assert not a_budget(max_depth=1).admit_embedded_mail(2)


def test_content_is_decoded_up_to_the_last_octet():
    budget = a_budget(max_decoded_bytes=10)

    assert [budget.admit_bytes(count) for count in (4, 6, 1, 0)] == [True, True, False, True]
    assert budget.decoded_bytes == 10
    assert len(budget.problems) == 1


@pytest.mark.parametrize(
    ("said", "kept"), [(["a", "", "a", "b"], 2), ([str(each) for each in range(80)], 50)]
)
def test_each_problem_is_said_once_and_not_more_than_fifty(said: list[str], kept: int):
    budget = a_budget()

    for problem in said:
        budget.add_problem(problem)

    assert budget.problems == list(dict.fromkeys(filter(None, said)))[:kept]


def test_the_usual_limits_are_those_that_the_promises_rest_on():
    usual = ParseLimits()

    assert (usual.max_parts, usual.max_depth, usual.max_seconds) == (500, 30, 20)
    assert (usual.max_header_bytes, usual.max_decoded_bytes) == (2**18, 2**27)
    assert (usual.max_stdlib_bytes, usual.max_stdlib_steps) == (10 * 2**20, 400_000)
    assert usual.max_text_chars == 2_000_000
