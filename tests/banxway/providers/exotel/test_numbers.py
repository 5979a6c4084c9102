import pytest

from banxway.providers.exotel.numbers import exotel_e164, same_number


@pytest.mark.parametrize(
    ("spelled", "e164"),
    [
        ("+919822200022", "+919822200022"),
        ("09822200022", "+919822200022"),
        ("9822200022", "+919822200022"),
        ("919822200022", "+919822200022"),
        ("08047100100", "+918047100100"),
        ("01141169368", "+911141169368"),
        ("14155550123", "+14155550123"),
        ("", None),
        ("unknown", None),
        ("sip:agent@example", None),
        ("12", None),
    ],
)
def test_each_of_exotels_spellings_becomes_e164(spelled: str, e164: str | None):
    assert exotel_e164(spelled) == e164


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("08047100100", "+918047100100", True),
        ("8047100100", "080-4710 0100", True),
        ("+918047100100", "+918047100101", False),
        ("+14155550123", "+914155550123", False),
        ("09999999990000000001", "0000000001", True),
        ("100", "100", False),
        ("", "", False),
    ],
)
def test_two_spellings_are_compared_by_e164_then_by_their_last_ten_digits(
    one: str, other: str, are_same: bool
):
    assert same_number(one, other) is are_same
    assert same_number(other, one) is are_same
