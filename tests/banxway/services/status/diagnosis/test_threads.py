"""Questions in parallel: none may silence or delay the others."""

import threading

from banxway.clock import SYSTEM_CLOCK
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult
from banxway.services.status.diagnosis.probes import ask_all
from tests.support.timing.waiting import PATIENCE_S


def a_probe(ask, subject="a", if_silent=None):
    return Probe("probe", subject, ask, if_silent)


def test_answers_come_in_the_order_of_the_questions():
    first_may_end = threading.Event()

    def slow():
        assert first_may_end.wait(PATIENCE_S)
        return ProbeResult(ok=False)

    def quick():
        first_may_end.set()
        return ProbeResult()

    answers = ask_all(
        [a_probe(slow, "slow"), a_probe(quick, "quick")], deadline_s=PATIENCE_S, clock=SYSTEM_CLOCK
    )

    assert [(each.probe.subject, each.result.ok) for each in answers] == [("slow", False), ("quick", True)]


def test_a_question_that_fails_is_reported_and_the_others_are_answered():
    def broken():
        raise ZeroDivisionError

    failed, fine = ask_all(
        [a_probe(broken, "broken"), a_probe(ProbeResult, "fine")], deadline_s=PATIENCE_S, clock=SYSTEM_CLOCK
    )

    assert [each.code for each in failed.result.found] == ["diagnosis_incomplete"]
    assert "ZeroDivisionError" in failed.result.found[0].evidence
    assert fine.result.ok


def test_no_answer_in_time_counts_as_it_was_said_to():
    never = threading.Event()
    silence = Found("mail_timeout", "a", "no answer")

    (asked,) = ask_all(
        [a_probe(lambda: ProbeResult(ok=never.wait()), if_silent=silence)], deadline_s=0.2, clock=SYSTEM_CLOCK
    )
    never.set()

    assert asked.result == ProbeResult(ok=False, found=(silence,))


def test_more_questions_than_threads_are_all_answered():
    answers = ask_all(
        [a_probe(ProbeResult, str(number)) for number in range(100)],
        deadline_s=PATIENCE_S,
        clock=SYSTEM_CLOCK,
    )

    assert [each.probe.subject for each in answers] == [str(number) for number in range(100)]


def test_no_question_needs_no_thread():
    assert ask_all([], deadline_s=PATIENCE_S, clock=SYSTEM_CLOCK) == []
