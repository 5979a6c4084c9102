"""One rule for addresses: forms accept exactly those that the composer can write."""

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from banxway.errors import ValidationFailed
from banxway.models.fields import Email, PlainEmail
from banxway.models.messages.outgoing import OutgoingMail
from banxway.models.values.mail_addresses import ascii_domain, is_email, is_plain_email
from banxway.providers.mail.smtp.compose.mail import compose
from tests.support.timing.clocks import SetClock

GOOD = [
    "a@b.example",
    "first.last+tag@mail.yourdomain.com",
    "o'neil!#$%&*/=?^_`{|}~-@b.example",
    "a" * 64 + "@b.example",
    "a@" + "b" * 63 + ".example",
    "123@456.example",
    "a@b-c.d--e.example",
    "josé@b.example",
    "आशा@b.example",
    "अ‍@b.example".replace("\u200d", ""),
    "a@bücher.example",
    "a@भारत.example",
]
BAD = [
    "",
    "a",
    "a@b",
    "@b.example",
    "a@",
    "a@@b.example",
    "a b@c.example",
    "a@b c.example",
    "..@c.example",
    "a.@c.example",
    ".a@c.example",
    "a..b@c.example",
    "a@-b.example",
    "a@b-.example",
    "a@b..example",
    "a@.b.example",
    "a@b.example.",
    "a@b_c.example",
    "a@127.0.0.1",
    "a@[127.0.0.1]",
    '"a b"@c.example',
    "a@b.example, c@d.example",
    "A <a@b.example>",
    "a@b.example\r\nBcc: c@d.example",
    *(f"a{chr(code)}b@c.example" for code in (*range(1, 32), *range(127, 160))),
    "ａ@b.example",
    "a@ｂ.example",
    "a@b。example",
    "a\u200bb@c.example",
    "a\u202eb@c.example",
    "a\u00a0b@c.example",
    "a@b\u200d.example",
    "a@\ufeffb.example",
    "a" * 65 + "@b.example",
    "é" * 33 + "@b.example",
    "a@" + "b" * 64 + ".example",
    "a@" + "ü" * 60 + ".example",
    "a@" + ".".join(["b" * 60] * 5),
]


def written(address, **fields):
    """Return the mail that the composer writes with an address for a server that accepts any letters."""
    mail = OutgoingMail(
        message_id="<1@banxway.example>",
        sender="support@banxway.example",
        sender_name=None,
        to=("asha@customer.example",),
        subject="Hello",
        text="Hello",
        reply_to=address,
    )
    return compose(mail, clock=SetClock(datetime(2026, 1, 15, 9, 30, tzinfo=UTC)), utf8=True)


@pytest.mark.parametrize("address", GOOD)
def test_what_a_form_takes_the_composer_writes(address):
    assert TypeAdapter(Email).validate_python(address) == address.lower()
    assert ascii_domain(address).encode() in written(address)


@pytest.mark.parametrize("address", BAD, ids=ascii)
def test_what_the_composer_refuses_no_form_takes(address):
    assert not is_email(address)
    with pytest.raises(ValueError, match="must be an email address"):
        TypeAdapter(Email).validate_python(address)
    if address:
        with pytest.raises(ValidationFailed):
            written(address)


def test_what_is_saved_for_many_mails_can_be_written_by_every_server():
    assert is_plain_email("a@bücher.example")
    assert ascii_domain("a@bücher.example") == "a@xn--bcher-kva.example"
    assert not is_plain_email("josé@b.example")
    with pytest.raises(ValueError, match="must have only the letters a to z before its @"):
        TypeAdapter(PlainEmail).validate_python("josé@b.example")
