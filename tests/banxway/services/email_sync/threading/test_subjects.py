"""Subjects: prefixes of replies and forwards, and subjects that are too general."""

import pytest

from banxway.services.email_sync.threading.subjects import read_subject


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Parcel 4711",
        "RE: parcel 4711",
        "AW: Parcel 4711",
        "Antw: Parcel 4711",
        "SV: Parcel 4711",
        "VS: Parcel 4711",
        "R: Parcel 4711",
        "Odp: Parcel 4711",
        "Re[2]: Parcel 4711",
        "Re(3): Parcel 4711",
        "RE^4: Parcel 4711",
        "Re2: Parcel 4711",
        "Re : Parcel 4711",
        "Re:Parcel  4711 ",
        "回复: Parcel 4711",
        "回复：Parcel 4711",
        "答复: Parcel 4711",
        "Re: AW: Re: Parcel 4711",
        "[support] Re: Parcel 4711",
        "Re: [support] Parcel 4711",
        "Re: Fwd: Parcel 4711",
    ],
)
def test_an_answer_is_known_by_its_prefix_in_any_language(subject: str) -> None:
    read = read_subject(subject)

    assert (read.base, read.is_reply, read.is_forward) == ("parcel 4711", True, False)


@pytest.mark.parametrize(
    "subject", ["Fwd: Parcel 4711", "FW: Parcel 4711", "WG: Parcel 4711", "TR: Parcel 4711", "转发: Parcel 4711",
                "Fwd: Re: Parcel 4711", "RV: Parcel 4711"],
)  # fmt: skip
def test_a_forward_is_no_answer_whatever_it_forwards(subject: str) -> None:
    read = read_subject(subject)

    assert (read.base, read.is_reply, read.is_forward) == ("parcel 4711", False, True)


@pytest.mark.parametrize(
    "subject",
    ["", "   ", "Re:", "hi", "Re: Hi", "Invoice", "RE: invoice", "AW: Rechnung", "Help!", "Re: (no subject)",
     "Re: ok", "[list]", "Re: [list]", "Thank you", "???"],
)  # fmt: skip
def test_a_subject_that_says_nothing_tells_no_conversation(subject: str) -> None:
    assert read_subject(subject).base is None


@pytest.mark.parametrize(
    "subject",
    ["Parcel: late", "Regarding: Parcel", "Reply: needed", "12:30 tomorrow", "http://example.com/x"],
)
def test_a_colon_alone_makes_no_answer(subject: str) -> None:
    read = read_subject(subject)

    assert (read.base, read.is_reply, read.is_forward) == (subject.casefold(), False, False)


@pytest.mark.parametrize(
    "subject", ["Re: " * 50_000, "[a] " * 50_000, "[" * 100_000, "x" * 1_000_000, "Re: x" * 50_000]
)
def test_an_endless_subject_is_read_at_once_and_bounded(subject: str) -> None:
    base = read_subject(subject).base

    assert base is None or len(base) <= 300
