"""A benchmark that favours one side is worse than none."""

import re
from statistics import mean

import pytest

from bench.mails import write_mails
from bench.measuring import report, time_in_turn, turns


def test_every_subject_comes_once_a_round_and_begins_equally_often():
    taken = list(turns(["ours", "theirs", "bare"], rounds=6))

    rounds = [taken[start : start + 3] for start in range(0, len(taken), 3)]
    assert all(sorted(each) == ["bare", "ours", "theirs"] for each in rounds)
    assert sorted(each[0] for each in rounds) == ["bare", "bare", "ours", "ours", "theirs", "theirs"]


def test_the_first_call_of_a_subject_does_not_count():
    calls: list[str] = []

    figures = time_in_turn(
        {"ours": lambda: calls.append("ours"), "theirs": lambda: calls.append("theirs")}, rounds=4
    )

    assert calls[:2] == ["ours", "theirs"]
    assert (len(calls), [len(found) for found in figures.values()]) == (10, [4, 4])


def test_a_disturbed_round_does_not_move_the_ratio(capsys: pytest.CaptureFixture[str]):
    disturbed = {"ours": [2.0, 2.0, 200.0, 2.0, 2.0], "theirs": [1.0, 1.0, 100.0, 1.0, 1.0]}

    report("Anything", disturbed, baselines={"ours": ["theirs"]})

    assert re.search(r"^  ours +2\.00 s .* 2\.00 x theirs \[2\.00 - 2\.00\]$", capsys.readouterr().out, re.M)


def test_the_mails_are_as_large_as_their_description_says():
    mails = write_mails(400)

    assert mean(map(len, mails)) == pytest.approx(38_000, rel=0.03)
