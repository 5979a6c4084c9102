"""A link is valid until it expires and for its purpose only; with one changed bit it is not."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway import errors
from banxway.security.blob_tokens import BlobTokens, DownloadPermit, UploadPermit
from banxway.security.display_tokens import DisplayReference, DisplayTokens
from banxway.security.signed_tokens import SignedTokens
from tests.support.gates.chance import in_soak
from tests.support.timing.clocks import SetClock

SECRET = "the secret of this deployment"
MINUTE = timedelta(minutes=1)


def _tokens(clock: SetClock, *, purpose: str = "display", secret: str | None = SECRET) -> SignedTokens:
    return SignedTokens(secret, purpose=purpose, longest=5 * MINUTE, clock=clock)


@settings(max_examples=in_soak(2000, else_=50))
@given(st.binary(max_size=300))
def test_what_was_written_is_read(content: bytes) -> None:
    clock = SetClock()
    tokens = _tokens(clock)

    assert tokens.read(tokens.write(content, expires_at=clock.now() + MINUTE)) == content


def test_links_of_the_release_before_work_while_a_release_is_rolled_out(clock: SetClock) -> None:
    recorded = "AQAAAABpaLPUY29udGVudKp7ei5Gglh_Lc27nEBJqg0R6PRCESgx9RmYtZgAYkC-"
    tokens = _tokens(clock)

    assert tokens.write(b"content", expires_at=clock.now() + MINUTE) == recorded
    assert tokens.read(recorded) == b"content"


@pytest.mark.parametrize("longer_s", [0, 1], ids=["as long as allowed", "by a clock that is a second ahead"])
def test_a_token_may_live_as_long_as_its_kind_does(clock: SetClock, longer_s: int) -> None:
    tokens = _tokens(clock)
    text = tokens.write(b"x", expires_at=clock.now() + 5 * MINUTE + timedelta(seconds=longer_s))

    assert tokens.read(text) == b"x"


@pytest.mark.parametrize(
    "signed",
    [b"\x02" + bytes(7) + b"\xff" * 8, b"\x00" + bytes(15), b"\x01" + bytes(7), b"\x01", b""],
    ids=["version 2", "version 0", "no whole expiry", "no expiry", "nothing"],
)
def test_genuine_content_of_another_layout_is_refused(clock: SetClock, signed: bytes) -> None:
    tokens = _tokens(clock)
    text = base64.urlsafe_b64encode(signed + tokens._digest(signed)).decode().rstrip("=")

    with pytest.raises(errors.NotAuthenticated, match="not valid"):
        tokens.read(text)


def test_a_token_is_no_longer_than_a_url_may_be(clock: SetClock) -> None:
    tokens, ends = _tokens(clock), clock.now() + MINUTE
    longest, longer = (tokens.write(bytes(size), expires_at=ends) for size in (3031, 3032))

    assert (len(longest), len(longer)) == (4096, 4098)
    assert tokens.read(longest) == bytes(3031)
    with pytest.raises(errors.NotAuthenticated, match="not valid"):
        tokens.read(longer)


def test_one_content_has_one_spelling(clock: SetClock) -> None:
    """Base64 has unused bits at its end, and two alphabets."""
    tokens = _tokens(clock)
    text = tokens.write(b"??>>", expires_at=clock.now() + MINUTE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(text[-1])

    others = [text[:-1] + alphabet[last ^ spare] for spare in (1, 2, 3)]
    others += [text + "=", text + "==", text.replace("-", "+").replace("_", "/")]
    assert text not in others
    for other in others:
        with pytest.raises(errors.NotAuthenticated, match="not valid"):
            tokens.read(other)


def test_each_flipped_bit_is_refused(clock: SetClock) -> None:
    tokens = _tokens(clock)
    text = tokens.write(b"content", expires_at=clock.now() + MINUTE)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    forged = [
        text[:at] + alphabet[alphabet.index(sign) ^ 1 << bit] + text[at + 1 :]
        for at, sign in enumerate(text)
        for bit in range(6)
    ]

    for each in forged:
        with pytest.raises(errors.NotAuthenticated, match="not valid"):
            tokens.read(each)


@pytest.mark.parametrize(
    "text", ["", "a", "====", "ü", "A" * 5000, "A" * 4096, "A" * 4097, "A" * 60, "../..", "\0", " "]
)
def test_what_never_was_a_token_is_refused(clock: SetClock, text: str) -> None:
    with pytest.raises(errors.NotAuthenticated, match="not valid"):
        _tokens(clock).read(text)


def test_a_token_ends_on_time(clock: SetClock) -> None:
    tokens = _tokens(clock)
    text = tokens.write(b"x", expires_at=clock.now() + MINUTE)

    clock.advance(seconds=59)
    assert tokens.read(text) == b"x"
    clock.advance(seconds=1)
    for later_s in (0, 1, 86_400):
        clock.advance(seconds=later_s)
        with pytest.raises(errors.NotAuthenticated, match="expired"):
            tokens.read(text)


@pytest.mark.parametrize("longer_s", [2, 86_400])
def test_a_token_that_lives_longer_than_any_of_ours_is_refused(clock: SetClock, longer_s: int) -> None:
    tokens = _tokens(clock)
    text = tokens.write(b"x", expires_at=clock.now() + 5 * MINUTE + timedelta(seconds=longer_s))

    with pytest.raises(errors.NotAuthenticated, match="expired"):
        tokens.read(text)


@pytest.mark.parametrize(("secret", "purpose"), [("another", "display"), (SECRET, "upload")])
def test_another_secret_or_purpose_opens_nothing(clock: SetClock, secret: str, purpose: str) -> None:
    text = _tokens(clock).write(b"x", expires_at=clock.now() + MINUTE)

    with pytest.raises(errors.NotAuthenticated, match="not valid"):
        _tokens(clock, secret=secret, purpose=purpose).read(text)


@pytest.mark.parametrize("secret", [None, "", "  "])
def test_without_a_secret_nothing_is_written_or_read(clock: SetClock, secret: str | None) -> None:
    text = _tokens(clock).write(b"x", expires_at=clock.now() + MINUTE)
    tokens = _tokens(clock, secret=secret)

    with pytest.raises(errors.Unavailable, match="WEBHOOK_SECRET"):
        tokens.write(b"x", expires_at=clock.now() + MINUTE)
    with pytest.raises(errors.Unavailable, match="WEBHOOK_SECRET"):
        tokens.read(text)


@pytest.mark.parametrize("remote_images", [False, True])
def test_a_display_token_names_its_message_and_its_choice(clock: SetClock, remote_images: bool) -> None:
    tokens = DisplayTokens(SECRET, clock=clock)
    reference = DisplayReference(uuid4(), uuid4(), remote_images)

    text, expires_at = tokens.write(reference)

    assert tokens.read(text) == reference
    assert expires_at == clock.now() + timedelta(minutes=5)


def test_a_permit_to_upload_downloads_nothing_and_the_reverse(clock: SetClock) -> None:
    tokens = BlobTokens(SECRET, clock=clock)
    organization, upload = uuid4(), uuid4()
    up = tokens.for_upload(organization, upload, size_bytes=7, content_type="text/plain", lifetime=MINUTE)
    down = tokens.for_download(
        organization, "key", filename="é.txt", content_type="text/plain", lifetime=MINUTE
    )

    assert tokens.read_upload(up) == UploadPermit(organization, upload, 7, "text/plain")
    assert tokens.read_download(down) == DownloadPermit(organization, "key", "é.txt", "text/plain")
    for read, text in ((tokens.read_upload, down), (tokens.read_download, up)):
        with pytest.raises(errors.NotAuthenticated, match="not valid"):
            read(text)


def test_no_permit_lives_longer_than_half_an_hour(clock: SetClock) -> None:
    tokens = BlobTokens(SECRET, clock=clock)
    organization = uuid4()

    def permit(minutes: int) -> str:
        lifetime = timedelta(minutes=minutes)
        return tokens.for_upload(organization, uuid4(), size_bytes=7, content_type="a/b", lifetime=lifetime)

    assert tokens.read_upload(permit(30)).organization_id == organization
    with pytest.raises(errors.NotAuthenticated, match="expired"):
        tokens.read_upload(permit(31))


def test_a_secret_with_blanks_around_it_is_the_same_secret(clock: SetClock) -> None:
    text = _tokens(clock, secret=f" {SECRET}\n").write(b"x", expires_at=clock.now() + MINUTE)

    assert _tokens(clock).read(text) == b"x"
