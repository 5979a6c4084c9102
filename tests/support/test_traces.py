"""The search for a secret finds one that was planted, wherever it stands; and nothing where there is none."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.support.product.traces import traces_of

SECRETS = ["canary-token-91ab", 'canary"imap\\password-e80c', "canary smtp pass/word-4d2b", "schlüssel-1"]
every_secret = pytest.mark.parametrize("secret", SECRETS, ids=["plain", "quotes", "blanks", "accents"])


@every_secret
@pytest.mark.parametrize("before", range(12))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode], ids=["base64", "for URLs"])
def test_base64_hides_no_secret_whatever_stands_before_it(secret, before, encode):
    content = json.dumps({"x" * before: "y", "token": secret, "more": "z"}).encode()

    assert traces_of(secret, f"(7,{encode(content).decode()},t)")
    assert traces_of(secret, encode(b"x" * before + secret.encode()).decode().rstrip("="))


@every_secret
@pytest.mark.parametrize("beside", range(9))
def test_a_run_that_touches_other_letters_hides_no_secret(secret, beside):
    run = base64.b64encode(f"a secret: {secret}".encode()).decode()

    assert traces_of(secret, "abcdefghi"[:beside] + run)


@every_secret
def test_base64_within_base64_hides_no_secret(secret):
    inner = base64.b64encode(json.dumps({"token": secret}).encode()).decode()

    assert traces_of(secret, base64.b64encode(f"credentials={inner}".encode()).decode())


@every_secret
@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda secret: json.dumps({"token": secret}),
        lambda secret: json.dumps({"token": secret}, ensure_ascii=False),
        lambda secret: repr({"token": secret}),
        lambda secret: f"https://x.test/?token={quote(secret)}",
        lambda secret: f"https://x.test/?token={quote(secret, safe='')}",
        lambda secret: f"\\x{json.dumps({'token': secret}).encode().hex()}",
        lambda secret: secret.encode().hex().upper(),
    ],
    ids=["plain", "json", "json in utf-8", "python", "url", "url, all", "bytea", "capitals"],
)
def test_no_other_way_of_writing_hides_a_secret(secret, write):
    assert traces_of(secret, f"before {write(secret)} after")


@every_secret
def test_what_holds_no_secret_is_clean(secret):
    sealed = base64.b64encode(bytes(range(256)) * 4).decode()

    assert traces_of(secret, f"(7,{sealed},t) {json.dumps({'token': '***'})} {'0' * 64}") == []


def test_how_it_is_written_is_said_each_way_once():
    secret = SECRETS[0]
    text = f"{secret} {secret} {secret.encode().hex()} {base64.b64encode(b'x' + secret.encode()).decode()}"

    found = traces_of(secret, text)

    assert {"plain", "plain, in hexadecimal", "plain in base64"} <= set(found)
    assert len(found) == len(set(found))
