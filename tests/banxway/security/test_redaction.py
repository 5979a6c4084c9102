"""Secrets are masked by their name, their value or their shape; everything else stays readable."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.security import redaction
from banxway.security.redaction import forget_all, mask, masked_pairs, remember
from tests.support.gates.chance import in_soak
from tests.support.timing.pattern_steps import counting

CANARY = "canary-7f3a-value"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.mark.parametrize(
    "name",
    [
        "password", "Password", "smtp_password", "imapPassword", "passwd", "pwd", "api_key", "apiKey", "API-KEY",
        "api_token", "token", "access_token", "refresh-token", "secret", "client_secret", "webhook_secret",
        "authorization", "Authorization", "Proxy-Authorization", "credentials", "credentials_encrypted", "ticket",
        "reference", "cookie", "Set-Cookie", "private_key", "ENCRYPTION_MASTER_KEY", "DATABASE_URL", "jwt",
        "X-Exotel-Signature",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", [CANARY, 123456, [CANARY], {"a": CANARY}, CANARY.encode()], ids=type)
def test_what_stands_under_a_secret_name_is_masked_whatever_it_is(name: str, value: object) -> None:
    assert mask({name: value}) == {name: "***"}


def test_what_stands_deeper_is_masked_as_well() -> None:
    masked = mask({"a": [{"b": ({"config": {"password": CANARY, "host": "imap.example.com"}},)}]})

    assert masked == {"a": [{"b": [{"config": {"password": "***", "host": "imap.example.com"}}]}]}


@pytest.mark.parametrize("value", [None, True, False, ""], ids=str)
def test_whether_a_secret_is_set_may_be_seen(value: object) -> None:
    assert mask({"password": value, "has_credentials": value}) == {
        "password": value,
        "has_credentials": value,
    }


READABLE = [
    "2026-01-02T10:11:12.123456+00:00", "2026-01-02 10:11:12", "1b4e28ba-2fa1-11d2-883f-001234567890",
    "Authorization header missing", "Invalid token signature", "Basic information", "Bearer token missing",
    "decrypt failed: the encryption key changed; restore the original ENCRYPTION_MASTER_KEY",
    "https://api.exotel.com/v1/Accounts/banxway1/Calls/connect.json?limit=50", "line 1234, in send", "v1.2.3.4",
    "1-5759e988-bd862e3fe1be46a994272793", "192.168.100.200", "exotel_phone", "count=12345", "status 422",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "token expired at 09:30",
]  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_ordinary_text_stays_readable(text: str) -> None:
    assert mask(text) == text


SHAPES = {
    "a Basic header": ("Authorization: Basic Y2FuYXJ5OjdmM2E=", "Y2FuYXJ5"),
    "a Basic pair": ("sent Basic Y2FuYXJ5OjdmM2E= to it", "Y2FuYXJ5"),
    "a Bearer header": ("Bearer canary-token-0123456789", "canary"),
    "an odd authorization header": ("authorization=Digest user=canary", "canary"),
    "a session token": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl back", "eyJzdWIi"),
    "userinfo in a URL": ("https://key:canary@api.exotel.com/v1", "canary"),
    "a database URL": ("postgresql://banxway_app:canary@db.example.com:6543/postgres", "canary"),
    "a query parameter": ("wss://x/live?ticket=canary&v=1", "canary"),
    "a reference": ("/api/v1/webhooks/exotel/whatsapp-status?reference=canary", "canary"),
    "JSON": ('{"api_token": "canary", "x": 1}', "canary"),
    "JSON with an escaped quote": (json.dumps({"password": 'ca"canary'}), "canary"),
    "JSON in JSON with a quote": (json.dumps(json.dumps({"password": 'ca"canary'})), "canary"),
    "JSON that was cut": ('{"password": "ca canary', "canary"),
    "a repr with a quote": (repr({"password": "ca'can\"canary"}), "canary"),
    "JSON in JSON": (json.dumps(json.dumps({"password": "canary"})), "canary"),
    "a repr": ("{'api_token': 'canary'}", "canary"),
    "a dataclass repr": ("MailServer(password='canary', port=993)", "canary"),
    "a form body": ("grant=x&client_secret=canary&y=1", "canary"),
    "prose": ("the password: canary was refused", "canary"),
    "a private key": ("-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----", "canary"),
    "half a private key": ("-----BEGIN PRIVATE KEY-----\ncanary", "canary"),
    "a callback reference": ("seen " + "Ab1_" * 25, "Ab1_"),
}


@pytest.mark.parametrize(("text", "hidden"), SHAPES.values(), ids=SHAPES.keys())
def test_what_looks_like_a_secret_is_masked(text: str, hidden: str) -> None:
    assert hidden in text

    assert hidden not in mask(text)
    assert "***" in mask(text)


def test_what_stands_around_a_secret_stays_readable() -> None:
    assert (
        mask("https://k:t@api.exotel.com/v1?ticket=abc&limit=5")
        == "https://***@api.exotel.com/v1?ticket=***&limit=5"
    )


EMAILS = {
    "asha@example.com": "a***@example.com",
    "<asha.rao+tag@mail.example.co.in>": "<a***@mail.example.co.in>",
    "to=asha@example.com;": "t***@example.com;",
    "आशा@example.com": "आ***@example.com",
    "a@b": "a***@b",
    "x" * 300 + "@example.com": "***",
}


@pytest.mark.parametrize(
    ("text", "masked"), EMAILS.items(), ids=["plain", "tagged", "pair", "unicode", "short", "long"]
)
def test_email_addresses_keep_one_letter_and_their_domain(text: str, masked: str) -> None:
    assert mask(text).startswith(masked)
    assert "asha" not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "+919876543210", "919876543210", "09876543210", "9876543210", "+91 98765 43210", "+91-98765-43210",
        "98765 43210", "080 4568 3210", "(080) 4568-3210", "whatsapp:+919876543210", "tel:9876543210",
        '{"From":"09876543210"}',
    ],
)  # fmt: skip
def test_phone_numbers_keep_their_last_four_digits(text: str) -> None:
    masked = mask(f"called {text}, no answer")

    assert "***3210" in masked
    assert not any(part in masked for part in ("98765", "4568"))


def test_a_phone_number_as_a_number_is_masked_under_its_name() -> None:
    masked = mask(
        {"phone_number": 9876543210, "mobile": "8765 432", "phone_number_id": 12345678901, "n": 9876543210}
    )

    assert masked == {
        "phone_number": "***3210",
        "mobile": "***5432",
        "phone_number_id": 12345678901,
        "n": 9876543210,
    }


def test_a_remembered_value_is_masked_wherever_it_turns_up() -> None:
    remember(CANARY)
    pair = base64.b64encode(f"key:{CANARY}".encode()).decode()

    masked = mask(
        {"url": f"/x/{CANARY}", CANARY: 1, "list": [f"a{CANARY}b", pair], "raised": ValueError(CANARY)}
    )

    assert masked == {"url": "/x/***", "***": 1, "list": ["a***b", "***"], "raised": "ValueError: ***"}


@dataclass
class Holder:
    password: str
    note: str


class Model(BaseModel):
    api_token: str
    note: str


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError(CANARY)


OBJECTS: dict[str, Any] = {
    "a dataclass": Holder(CANARY, "n"),
    "a pydantic model": Model(api_token=CANARY, note="n"),
    "an Exotel account": ExotelAccount("sid", CANARY, CANARY, "https://api.exotel.com"),
    "a mail server": MailServer("imap.example.com", 993, "implicit", "user", CANARY),
    "bytes": f'{{"password": "{CANARY}"}}'.encode(),
    "a set": {f"token={CANARY}"},
    "an object that cannot be printed": Unprintable(),
    "an exception in an exception": ExceptionGroup("token=x", [ValueError(f"password={CANARY}")]),
}


@pytest.mark.parametrize("value", OBJECTS.values(), ids=OBJECTS.keys())
def test_objects_give_nothing_away(value: object) -> None:
    text = json.dumps(mask({"value": value}))

    assert CANARY not in text


def test_the_result_is_made_of_what_json_can_write() -> None:
    row = UUID("1b4e28ba-2fa1-11d2-883f-001234567890")

    masked = mask({"id": row, "at": datetime(2026, 1, 2, tzinfo=UTC), 7: {1.5, None}, "type": int})

    assert masked["id"] == str(row)
    assert json.loads(json.dumps(masked))["at"] == "2026-01-02 00:00:00+00:00"


def test_a_value_that_contains_itself_ends() -> None:
    loop: dict[str, Any] = {"name": "x"}
    loop["self"] = [loop, loop]

    assert mask(loop) == {"name": "x", "self": ["…", "…"]}


def test_a_value_nested_without_end_ends() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]

    assert "…" in json.dumps(mask(deep), ensure_ascii=False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
@example({"0@0@0": None})
@example("one@two.example@three.example@four.example@five")
@settings(max_examples=in_soak(1000, else_=50))
def test_masking_twice_changes_nothing_more(value: object) -> None:
    once = mask(value)

    assert json.dumps(mask(once)) == json.dumps(once)


# The repeated text, and the text before and after it.
HOSTILE = [
    *((piece, "", "") for piece in (
        "a", "@", "a@", "1 ", "+1", "://", "password=", " ", "-----BEGIN PRIVATE KEY-----", "eyJ", "a.", '"\\',
        "token='", '"password":"\\"', "+", "(1)-", "x@y", "=", "password:", "\\\"", "1234567890 ", "basic ",
    )),
    ("a", "", "@"), ("a.", "", "@"), ("!", "", "@"),
    (" ", "basic", ""), (" ", "bearer", ""), (" ", "password", "="), ("\\", "password='", ""),
    (" ", "authorization", ":"), ("A", "-----BEGIN ", "KEY-----"), ("1", "+", "x"), ("1-", "", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "before", "after"), HOSTILE, ids=lambda text: text[:12] or "-")
def test_hostile_text_is_masked_in_steps_that_grow_with_its_length(
    monkeypatch: pytest.MonkeyPatch, piece: str, before: str, after: str
) -> None:
    """Twice the text takes twice the patterns' steps; quadratic patterns would take four times as many."""

    def steps(length: int) -> int:
        text = before + piece * (length // len(piece)) + after
        with counting(monkeypatch, redaction, most=500 * length) as budget:
            mask(text)
        return budget.steps

    assert steps(800) < 2.6 * steps(400)


def test_an_audit_entry_shows_that_a_secret_changed_and_not_what_it_is() -> None:
    before = {
        "api_token": "old",
        "api_key": "same",
        "virtual_number": "+918045683210",
        "smtp": {"password": "old"},
    }
    after = {
        "api_token": "new",
        "api_key": "same",
        "virtual_number": "+918045683211",
        "smtp": {"password": "new"},
    }

    assert masked_pairs(before, after) == (
        {
            "api_token": "***",
            "api_key": "***",
            "virtual_number": "+918045683210",
            "smtp": {"password": "***"},
        },
        {
            "api_token": "*** (changed)",
            "api_key": "***",
            "virtual_number": "+918045683211",
            "smtp": {"password": "*** (changed)"},
        },
    )


def test_an_audit_entry_of_something_new_or_gone_has_one_side() -> None:
    assert masked_pairs(None, {"password": "x", "host": "h"}) == (None, {"password": "***", "host": "h"})
    assert masked_pairs({"password": "x"}, None) == ({"password": "***"}, None)
    assert masked_pairs({}, {"password": "x"}) == ({}, {"password": "*** (changed)"})


def test_an_audit_entry_shows_that_a_set_of_credentials_changed() -> None:
    before, after = masked_pairs({"credentials": {"k": "old"}}, {"credentials": {"k": "new"}})

    assert (before, after) == ({"credentials": "***"}, {"credentials": "*** (changed)"})


def test_an_audit_entry_hides_remembered_values_under_any_name() -> None:
    remember(CANARY)

    assert masked_pairs({"note": CANARY}, {"note": f"x {CANARY}"}) == ({"note": "***"}, {"note": "x ***"})


def test_masking_leaves_its_argument_as_it_was() -> None:
    value = {"password": CANARY, "list": [CANARY]}

    mask(value)
    masked_pairs(value, {**value, "password": "new"})

    assert value == {"password": CANARY, "list": [CANARY]}


def test_redaction_offers_what_the_rest_of_the_product_needs() -> None:
    assert redaction.remember is not None
    assert redaction.MASK == "***"
