import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.e164 import is_e164, to_e164


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+91 98222 00022", "+919822200022"),
        ("098222-00022", "+919822200022"),
        ("+1 (415) 555-0123", "+14155550123"),
        ("0091 9822200022", "+919822200022"),
        ("1800 208 8888", "+9118002088888"),
        ("९८२२२०००२२", "+919822200022"),
        ("14155550123", None),
        ("call 9822200022", None),
        ("9822200022 or 9822200023", None),
        ("1-800-FLOWERS", None),
        ("+", None),
        ("+999999999999", None),
        ("98222", None),
        ("9" * 60, None),
        ("", None),
    ],
)
def test_one_number_in_any_spelling_becomes_e164_and_anything_else_nothing(text: str, e164: str | None):
    assert to_e164(text) == e164


def test_the_region_decides_what_a_national_number_means():
    assert to_e164("020 7946 0958", region="GB") == "+442079460958"


@given(st.text(max_size=60))
def test_whatever_the_text_the_result_is_e164_or_nothing(text: str):
    e164 = to_e164(text)

    assert e164 is None or is_e164(e164)
    assert e164 is None or to_e164(e164) == e164


@pytest.mark.parametrize(
    "text",
    ["+0123456789", "919822200022", "+9198222000221234", "+91 9822200022", "+91982220002a", "+९१९८२२२०००२२"],
)
def test_only_plus_and_digits_are_spelled_as_e164(text: str):
    assert not is_e164(text)
