"""A status is a function of the set of known evidence: order and repetition do not matter."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.models.messages.statuses import MessageStatus, is_in_flight, strongest

_LADDER = [
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.ACCEPTED,
    MessageStatus.SENT,
    MessageStatus.FAILED,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
]
_KNOWN = st.lists(st.sampled_from(_LADDER), min_size=1, max_size=12)


@given(known=_KNOWN, order=st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(known: list[MessageStatus], order: object) -> None:
    shuffled = [*known, *known]
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands in a random.Random

    assert strongest(shuffled) == strongest(known)


@given(known=_KNOWN)
def test_folding_one_by_one_is_folding_all_at_once(known: list[MessageStatus]) -> None:
    """As the ledger does, which stores only the status so far."""
    so_far = known[0]
    for news in known[1:]:
        so_far = strongest((so_far, news))

    assert so_far == strongest(known)


@given(known=_KNOWN, news=st.sampled_from(_LADDER))
def test_news_never_move_a_status_backwards(known: list[MessageStatus], news: MessageStatus) -> None:
    before = strongest(known)
    after = strongest([before, news])

    assert _LADDER.index(after) >= _LADDER.index(before)


@pytest.mark.parametrize(("weaker", "stronger"), list(itertools.pairwise(_LADDER)))
def test_the_ladder_is_this_one(weaker: MessageStatus, stronger: MessageStatus) -> None:
    assert strongest((weaker, stronger)) == strongest((stronger, weaker)) == stronger


@pytest.mark.parametrize("word", ["RECEIVED", "bounced", ""])
def test_an_unknown_status_is_an_error_and_never_wins(word: str) -> None:
    with pytest.raises(ValueError, match="is not a valid MessageStatus"):
        strongest(["sent", word])


@pytest.mark.parametrize("status", MessageStatus)
def test_only_the_ledgers_own_attempt_is_in_flight(status: MessageStatus) -> None:
    assert is_in_flight(status) == (status in ("queued", "sending"))
