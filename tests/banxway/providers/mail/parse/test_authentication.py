"""Only the receiving server's verdict on the sender's own domain counts."""

import pytest

from banxway.models.mail import MailAuthentication
from banxway.providers.mail.parse.parser import read

PASSED, FAILED, NONE = MailAuthentication.PASSED, MailAuthentication.FAILED, MailAuthentication.NONE
SAYINGS = {
    "DMARC passes": ("mx; dmarc=pass (p=reject dis=none) header.from=customer.example", PASSED),
    "DMARC fails though SPF passes": ("mx; spf=pass smtp.mailfrom=x@customer.example; dmarc=fail", FAILED),
    "DMARC passes though SPF fails": ("mx; spf=fail smtp.mailfrom=x.example; dmarc=pass", PASSED),
    "DMARC of another domain": ("mx; dmarc=pass header.from=evil.example", NONE),
    "DMARC could not be checked, DKIM passes": (
        "mx; dmarc=temperror; dkim=pass header.d=customer.example",
        PASSED,
    ),
    "DKIM of the sender's domain": ("mx; dkim=pass header.i=@customer.example header.s=k1", PASSED),
    "DKIM of a domain above": ("mx; dkim=pass header.d=example", NONE),
    "DKIM of a domain beneath": ("mx; dkim=pass header.d=mail.customer.example", PASSED),
    "DKIM of somebody else": ("mx; dkim=pass header.d=evil.example", NONE),
    "DKIM of a domain that ends alike": ("mx; dkim=pass header.d=notcustomer.example", NONE),
    "SPF of the sender's domain": ("mx; spf=pass smtp.mailfrom=bounce@customer.example", PASSED),
    "SPF of somebody else": ("mx; spf=pass smtp.mailfrom=evil.example", NONE),
    "SPF fails": ("mx; spf=fail (not allowed) smtp.mailfrom=customer.example", FAILED),
    "SPF fails softly": ("mx; spf=softfail smtp.mailfrom=customer.example", NONE),
    "DKIM fails, SPF passes": ("mx; dkim=fail; spf=pass smtp.mailfrom=customer.example", PASSED),
    "nothing was checked": ("mx; none", NONE),
    "a pass within a comment": ("mx; dkim=fail (dmarc=pass; dmarc=pass) header.d=x.example", FAILED),
    "a version and capitals": ("mx.example 1; DMARC=Pass header.From=Customer.Example", PASSED),
    "a pass in the server's name": ("dmarc=pass; none", NONE),
    "nothing": ("", NONE),
}
HEAD = b"From: Ann <ann@customer.example>\r\nSubject: x\r\n\r\nhello"


@pytest.mark.parametrize(("said", "verdict"), SAYINGS.values(), ids=SAYINGS.keys())
def test_the_verdict_is_of_the_sender(said: str, verdict: MailAuthentication) -> None:
    assert read(b"Authentication-Results: " + said.encode() + b"\r\n" + HEAD).authentication is verdict


def test_a_verdict_below_the_topmost_may_be_forged_and_does_not_count() -> None:
    said = b"Authentication-Results: mx; dmarc=fail\r\nAuthentication-Results: mx; dmarc=pass\r\n"

    assert read(said + HEAD).authentication is FAILED


def test_without_a_verdict_there_is_none() -> None:
    assert read(HEAD).authentication is NONE
