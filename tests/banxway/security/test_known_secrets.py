"""A secret in use is masked in every text and in every spelling."""

import base64
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.security import known_secrets
from tests.support.gates.chance import in_soak
from tests.support.timing.pattern_steps import counting

SECRET = 'p@ss/w"ord+1%é'


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    known_secrets.forget_all()
    yield
    known_secrets.forget_all()


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in a path": lambda s: quote(s),
    "in a query": lambda s: quote_plus(s),
    "fully quoted": lambda s: quote(s, safe=""),
    "quoted in lower case": lambda s: quote(s, safe="").lower(),
    "in JSON": json.dumps,
    "in JSON as unicode": lambda s: json.dumps(s, ensure_ascii=False),
    "in a repr": repr,
    "in hex": lambda s: s.encode().hex(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "a Basic pair, as password": lambda s: base64.b64encode(b"key:" + s.encode()).decode(),
    "a Basic pair, as user": lambda s: base64.b64encode(s.encode() + b":token").decode(),
    "SASL PLAIN": lambda s: base64.b64encode(b"\0user@example.com\0" + s.encode()).decode(),
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_every_spelling_of_a_remembered_value_is_masked(spell: Callable[[str], str]) -> None:
    known_secrets.remember(SECRET)

    text = known_secrets.masked(f"before {spell(SECRET)} after")

    assert text.replace('"', "").replace("'", "") == "before *** after"


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=8, max_size=40),
    before=st.binary(max_size=5),
    after=st.binary(max_size=5),
)
@settings(max_examples=in_soak(3000, else_=200))
def test_base64_hides_no_remembered_value_at_any_position(secret: str, before: bytes, after: bytes) -> None:
    known_secrets.forget_all()
    known_secrets.remember(secret)
    pair = base64.b64encode(before + secret.encode() + after).decode()

    assert known_secrets.masked(f"<{pair}>") == "<***>"


def test_forgotten_values_are_masked_no_more() -> None:
    known_secrets.remember("organization-A-secret")

    known_secrets.forget_all()

    assert known_secrets.masked("organization-A-secret") == "organization-A-secret"
    assert known_secrets._spellings == known_secrets._fragments == {}


def test_a_secret_that_begins_another_leaves_no_tail_behind() -> None:
    known_secrets.remember("hunter")
    known_secrets.remember("hunter2-long")

    assert known_secrets.masked("x hunter2-long hunter y") == "x *** *** y"


def test_the_number_of_remembered_values_is_bounded() -> None:
    for number in range(known_secrets.MAX_SECRETS * 2):
        known_secrets.remember(f"secret-{number:06}")

    assert len(known_secrets._spellings) == len(known_secrets._fragments) == known_secrets.MAX_SECRETS
    assert known_secrets.masked("secret-000255") == "***"


@pytest.mark.parametrize("secret", ["", "a", "abc"])
def test_a_value_too_short_to_differ_from_ordinary_text_is_left_out(secret: str) -> None:
    known_secrets.remember(secret)

    assert known_secrets.masked("abc alphabet") == "abc alphabet"


def test_a_run_of_megabytes_is_masked_as_a_whole() -> None:
    known_secrets.remember("canary-secret-value")
    text = ("A" * 1_000_000) + base64.b64encode(b"x:canary-secret-value").decode() + ("B" * 1_000_000)

    assert known_secrets.masked(text) == "***"


@pytest.mark.parametrize("between", ["", " ", "A", "A" * 50 + " "], ids=["none", "blank", "letter", "runs"])
def test_a_text_full_of_secrets_is_masked_in_steps_that_grow_with_its_length(
    monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    known_secrets.remember("canary-secret-value")
    encoded = base64.b64encode(b"x:canary-secret-value").decode()

    def steps(times: int) -> int:
        with counting(monkeypatch, known_secrets, most=1_000_000) as budget:
            assert "canary" not in known_secrets.masked((encoded + between) * times)
        return budget.steps

    assert steps(200) < 2.6 * steps(100)
