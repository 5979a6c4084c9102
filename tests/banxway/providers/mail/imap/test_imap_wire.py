"""IMAP's syntax is parsed within limits."""

import pytest

from banxway.providers.mail.imap.wire import Answer, Unreadable


@pytest.mark.parametrize("depth", [10, 60])
def test_an_answer_nested_too_deeply_is_unreadable(depth: int):
    answer = Answer([b"1 FETCH " + b"(" * depth, b")" * depth], [b"a literal"])

    if depth > 50:
        with pytest.raises(Unreadable, match="too deeply"):
            answer.tokens()
    else:
        assert answer.tokens()[1] == b"FETCH"


@pytest.mark.parametrize("text", [b"FETCH (UID 3", b"FETCH UID 3)"])
def test_parentheses_that_do_not_match_are_unreadable(text: bytes):
    with pytest.raises(Unreadable):
        Answer([text]).tokens()
