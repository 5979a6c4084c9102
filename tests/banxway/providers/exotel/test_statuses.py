import pytest

from banxway.providers.exotel.statuses import CALL_STATUSES, WHATSAPP_STATUSES, call_status, whatsapp_status


@pytest.mark.parametrize(
    ("code", "status"),
    [("30001", "sent"), ("30002", "delivered"), ("30003", "read"), ("30004", "failed"), ("30018", "failed")],
)
def test_each_code_has_its_own_meaning_within_one_range(code: str, status: str):
    assert whatsapp_status(code, None).status == status


def test_every_failure_advises_and_nothing_else_does():
    for entry in WHATSAPP_STATUSES.values():
        assert (entry.status == "failed") == bool(entry.advice)


@pytest.mark.parametrize(
    ("code", "name", "status"),
    [
        (None, "EX_MESSAGE_DELIVERED", "delivered"),
        ("", "ex_message_seen", "read"),
        ("99999", "EX_UNDELIVERED", "failed"),
        (" 30002 ", None, "delivered"),
    ],
)
def test_a_name_serves_where_the_code_does_not(code: str | None, name: str | None, status: str):
    assert whatsapp_status(code, name).status == status


@pytest.mark.parametrize(
    ("code", "name"), [("30021", "EX_NEW"), ("30050", None), (None, None), ("3000", "SENT")]
)
def test_an_unknown_report_means_nothing(code: str | None, name: str | None):
    assert whatsapp_status(code, name) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", "completed"),
        ("queued", "queued"),
        ("ringing", "ringing"),
        ("failed", "failed"),
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("canceled", "cancelled"),
        ("In-Progress", "in_progress"),
        ("from_leg_unanswered", "no_answer"),
        ("to_leg_unanswered", "no_answer"),
        ("from_leg_cancelled", "cancelled"),
        ("to_leg_cancelled", "cancelled"),
        ("from_leg_no_dial", "failed"),
        ("to_leg_no_dial", "failed"),
        ("free", None),
        ("", None),
        (None, None),
    ],
)
def test_a_calls_word_of_v1_or_v3_becomes_ours(word: str | None, status: str | None):
    assert call_status(word) == status


def test_our_call_statuses_are_a_closed_set():
    assert set(CALL_STATUSES.values()) == {
        "queued",
        "ringing",
        "in_progress",
        "completed",
        "failed",
        "busy",
        "no_answer",
        "cancelled",
    }
