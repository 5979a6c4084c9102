"""Names are shown as they were written; scripts and emoji keep the joiners that they need."""

import pytest
from pydantic import TypeAdapter

from banxway.models.fields import Label, OneLine

SEEN = {
    "plain": "Support",
    "accents": "Émile Zoë",
    "combined accents": "E\u0301mile",
    "space that does not break": "Support\u00a0India",
    "Hindi with a joiner": "क्\u200dष",
    "Malayalam with a joiner at its end": "അവന്\u200d",
    "Bengali with a joiner before its sign": "র\u200d্য",
    "Kannada with a non-joiner": "ರಾಜ್\u200cಕುಮಾರ್",
    "Sinhala": "ශ්\u200dරී",
    "Persian": "می\u200cخواهم",
    "Hebrew": "שלום",
    "Arabic": "مرحبا",
    "Khmer": "សួស្តី",
    "family": "👩\u200d👩\u200d👧",
    "scientist with a skin tone": "👩🏽\u200d🔬",
    "heart": "❤\ufe0f",
    "rainbow flag": "🏳\ufe0f\u200d🌈",
    "keycap": "1\ufe0f\u20e3",
    "flag of Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "flag of India": "🇮🇳",
    "Japanese name with a selector": "葛\U000e0100城",
}
UNSEEN = {
    f"U+{ord(sign):04X}": sign
    for sign in (
        *"\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2066\u2067\u2068\u2069\ufeff",
        *"\u00ad\u180e\u034f\u115f\u1160\u17b4\u2800\u3164\uffa0\ufffc\ufff9\U0001d173\U000e0001\U000e0041",
        *"\u200c\u200d\ufe0f\ufe00\U000e0100",
    )
}
NO_LINE = {f"U+{ord(sign):04X}": sign for sign in "\0\x01\t\n\x0b\x0c\r\x1b\x1f\x7f\x80\x85\x9f\u2028\u2029"}
label, one_line = TypeAdapter(Label), TypeAdapter(OneLine)


@pytest.mark.parametrize("name", SEEN.values(), ids=SEEN)
def test_names_of_all_scripts_are_taken(name):
    assert label.validate_python(name) == name


@pytest.mark.parametrize("sign", UNSEEN.values(), ids=UNSEEN)
def test_what_is_not_seen_is_refused_alone_and_between_letters(sign):
    for name in (
        sign,
        f"a{sign}b" if sign not in "\ufe0f\ufe00\U000e0100" else f" {sign}b",
        f"{sign}b",
        f"a {sign}",
    ):
        with pytest.raises(ValueError, match="must not contain"):
            label.validate_python(name)


@pytest.mark.parametrize("sign", NO_LINE.values(), ids=NO_LINE)
def test_a_line_has_no_line_end_and_no_control_character(sign):
    for text in (sign, f"a{sign}b"):
        with pytest.raises(ValueError, match="must not contain line breaks or control characters"):
            one_line.validate_python(text)


@pytest.mark.parametrize(
    "name",
    ["क\u200d\u200d", "e\u200d", "Я\u200cЯ", "漢\u200d字", "🏴\U000e0067", "🏴\U000e0067x", "a\ufe0f\ufe0f"],
    ids=["two joiners", "Latin", "Cyrillic", "Han", "open flag", "flag cut short", "two selectors"],
)
def test_joiners_selectors_and_tags_stand_only_where_they_do_something(name):
    with pytest.raises(ValueError, match="must not contain invisible"):
        label.validate_python(name)


def test_a_subject_may_be_in_any_direction():
    assert one_line.validate_python("Re: \u200fשלום\u200f") == "Re: \u200fשלום\u200f"
