"""What a finding says beside its cause: names and numbers of what it saw, and nothing that had no time to happen."""

from collections.abc import Callable

import pytest

from tests.banxway.services.status.diagnosis.test_faults import (
    POLLING,
    SENDING,
    bodies_come_short,
    environment_says,
    folder_is_refused,
    folder_is_renamed,
)
from tests.support.keys.examined import NUMBER, Examined
from tests.support.servers.smtp_server import USERNAME


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"api_token": "token-of-last-year"}, "EXOTEL_TOKEN differs from what is saved"),
        (
            {"account_sid": "other_co1", "number": "08047100999"},
            "EXOTEL_SID, EXOTEL_SMS_NUMBER differ from what is saved",
        ),
    ],
    ids=["one", "two"],
)
def test_a_disagreeing_environment_is_named_by_its_variables_and_no_value(world, changes, named):
    environment_says(**changes)(world)

    (finding,) = world.report()["findings"]

    assert (finding["subject"], finding["evidence"]) == ("exotel_sms", named)


def test_an_environment_that_agrees_in_another_spelling_is_no_finding(world):
    environment_says(number="+91" + NUMBER.removeprefix("0"))(world)

    assert world.report()["findings"] == []


@pytest.mark.parametrize("fault", ["poller not running", "never polled", "overdue", "messages waiting"])
def test_nothing_is_late_for_the_time_of_a_stop(
    world: Examined, fault: str, long_running: Callable[[float], None]
) -> None:
    code, break_it = (POLLING | SENDING)[fault]
    break_it(world)
    assert code in [each["code"] for each in world.report()["findings"]]

    long_running(60)

    assert code not in [each["code"] for each in world.report()["findings"]]


def test_the_evidence_names_the_folder_and_what_it_was_renamed_to(world):
    folder_is_renamed(world)

    (finding,) = world.report()["findings"]

    assert finding["subject"] == USERNAME
    assert "the folder Orders is gone from the server" in finding["evidence"]
    assert "was most likely renamed to Orders 2027" in finding["evidence"]


def test_the_evidence_names_the_folder_that_is_refused_in_the_servers_words(world):
    folder_is_refused(world, "Orders")

    (finding,) = world.report()["findings"]

    assert "the server refuses the folder Orders" in finding["evidence"]
    assert "[NOPERM] Permission denied" in finding["evidence"]


def test_the_evidence_names_a_mail_that_came_short_and_both_sizes(world):
    bodies_come_short(world)

    (finding,) = world.report()["findings"]

    assert finding["evidence"] == ("1 of the last week, such as UID 2 in INBOX: 29 bytes announced, 19 given")
