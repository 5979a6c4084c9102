"""A callback is accepted only with a genuine reference for its kind that has not expired."""

import ast
import base64
import hashlib
import hmac
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from banxway import errors
from banxway.security import references as references_module
from banxway.security.references import CallbackKind, CallbackReferences, verify_signature
from tests.support.gates.chance import in_soak
from tests.support.timing.clocks import SetClock

LAYER = Path(__file__).parents[3] / "layers" / "banxway"
SECRET = "the-webhook-secret-of-this-deployment"
ORGANIZATION = UUID("0b5a1f9c-2c1d-4f0e-8a58-3a2a5e0f7c01")
UNIT = UUID("5d0c7c39-4b0a-4a3b-a0cc-7c1f3c5f9a02")
BODY = b'{"whatsapp": {"messages": []}}'


@pytest.fixture
def references(clock: SetClock) -> CallbackReferences:
    return CallbackReferences(SECRET, clock=clock)


def for_unit(references: CallbackReferences, kind: CallbackKind = CallbackKind.WHATSAPP) -> str:
    return references.for_unit(kind, organization_id=ORGANIZATION, unit_id=UNIT, expires_in=timedelta(days=7))


@pytest.mark.parametrize("kind", CallbackKind)
def test_a_unit_reference_says_whose_callback_it_is(
    references: CallbackReferences, clock: SetClock, kind: CallbackKind
) -> None:
    reference = references.verify(for_unit(references, kind), kind=kind)

    assert (reference.kind, reference.organization_id) == (kind, ORGANIZATION)
    assert (reference.subject, reference.subject_id) == ("unit", UNIT)
    assert (reference.generation, reference.expires_at) == (None, clock.now() + timedelta(days=7))


@given(organization=st.uuids(), integration=st.uuids(), generation=st.integers(0, 2**63 - 1))
@settings(max_examples=in_soak(1000, else_=50))
def test_an_integration_reference_never_expires_and_carries_its_generation(
    organization: UUID, integration: UUID, generation: int
) -> None:
    clock = SetClock()
    references = CallbackReferences(SECRET, clock=clock)
    text = references.for_integration(
        CallbackKind.CALL_STATUS,
        organization_id=organization,
        integration_id=integration,
        generation=generation,
    )
    clock.advance(days=365 * 30)

    reference = references.verify(text, kind=CallbackKind.CALL_STATUS)

    assert (reference.organization_id, reference.subject_id) == (organization, integration)
    assert (reference.subject, reference.generation, reference.expires_at) == (
        "integration",
        generation,
        None,
    )


# Callback URLs stay in use for years: references of earlier releases must still be valid.
RECORDED = {
    (CallbackKind.WHATSAPP, "unit"): (
        "AQIBC1ofnCwdTw6KWDoqXg98AV0MfDlLCko7oMx8HzxfmgIAAAAAaXHuGIDjibIOfTDTjpceSl-aIvuZq5IJ6LlPwtkXCPjCsjrN"
    ),
    (CallbackKind.CALL_STATUS, "unit"): (
        "AQEBC1ofnCwdTw6KWDoqXg98AV0MfDlLCko7oMx8HzxfmgIAAAAAaXHuGLWgpv-ECOa1hlSccOXG_RbkeuRsyPulbMXtH8U8o4pk"
    ),
    (CallbackKind.WHATSAPP, "integration"): (
        "AQICC1ofnCwdTw6KWDoqXg98AV0MfDlLCko7oMx8HzxfmgIAAAAAAAAAA2686fBC4a0F_lpTi0nBxubzS-IxO_SrxqyzAMjBBxbp"
    ),
    (CallbackKind.CALL_STATUS, "integration"): (
        "AQECC1ofnCwdTw6KWDoqXg98AV0MfDlLCko7oMx8HzxfmgIAAAAAAAAAAzR0TRcmDPmaE6pw_I-HOriwRAIkalxwmbKj99Yi3k1f"
    ),
}


@pytest.mark.parametrize(("kind", "subject"), RECORDED, ids=lambda part: str(part))
def test_a_reference_is_written_and_read_as_it_was_in_the_first_release(
    references: CallbackReferences, clock: SetClock, kind: CallbackKind, subject: str
) -> None:
    recorded = RECORDED[kind, subject]
    names = {"organization_id": ORGANIZATION}
    if subject == "unit":
        written = references.for_unit(kind, **names, unit_id=UNIT, expires_in=timedelta(days=7))
        says = (None, clock.now() + timedelta(days=7))
    else:
        written = references.for_integration(kind, **names, integration_id=UNIT, generation=3)
        says = (3, None)

    assert written == recorded
    assert references.verify(recorded, kind=kind) == (kind, ORGANIZATION, UNIT, subject, *says)


@pytest.mark.parametrize(
    "prefix", [b"", b"banxway display token v1\0"], ids=["no label", "the label of another use"]
)
def test_a_digest_of_anything_else_is_no_references(references: CallbackReferences, prefix: bytes) -> None:
    """WEBHOOK_SECRET signs other things, too: a signature for one purpose is not valid for another."""
    content = base64.urlsafe_b64decode(for_unit(references))[:43]
    signed = content + hmac.digest(SECRET.encode(), prefix + content, hashlib.sha256)

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(base64.urlsafe_b64encode(signed).decode(), kind=CallbackKind.WHATSAPP)


def test_blanks_around_a_secret_are_not_part_of_it(clock: SetClock) -> None:
    """A secret often ends with the line break of the file from which it was copied."""
    text = for_unit(CallbackReferences(f" {SECRET}\n", clock=clock))

    assert CallbackReferences(SECRET, clock=clock).verify(text, kind=CallbackKind.WHATSAPP)


def test_a_reference_fits_into_a_url_unquoted(references: CallbackReferences) -> None:
    assert set(for_unit(references)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_a_genuine_reference_past_its_time_says_so(references: CallbackReferences, clock: SetClock) -> None:
    text = for_unit(references)
    clock.advance(days=7, seconds=-1)
    references.verify(text, kind=CallbackKind.WHATSAPP)

    clock.advance(seconds=1)

    with pytest.raises(errors.NotAuthenticated, match=r"^Webhook reference expired$"):
        references.verify(text, kind=CallbackKind.WHATSAPP)


def test_an_expired_forgery_is_a_forgery(references: CallbackReferences, clock: SetClock) -> None:
    text = for_unit(CallbackReferences("another secret", clock=clock))
    clock.advance(days=30)

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(text, kind=CallbackKind.WHATSAPP)


@pytest.mark.parametrize("kind", CallbackKind)
@pytest.mark.parametrize("subject", ["unit", "integration"])
def test_a_reference_for_one_kind_opens_no_other(
    references: CallbackReferences, kind: CallbackKind, subject: str
) -> None:
    text = for_unit(references, kind)
    if subject == "integration":
        text = references.for_integration(
            kind, organization_id=ORGANIZATION, integration_id=UNIT, generation=1
        )
    (other,) = set(CallbackKind) - {kind}

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(text, kind=other)


def test_each_flipped_bit_is_refused(references: CallbackReferences) -> None:
    signed = base64.urlsafe_b64decode(for_unit(references))

    for bit in range(len(signed) * 8):
        altered = bytearray(signed)
        altered[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
            references.verify(base64.urlsafe_b64encode(altered).decode(), kind=CallbackKind.WHATSAPP)


def test_each_flipped_bit_of_the_text_is_refused(references: CallbackReferences) -> None:
    text = for_unit(references).encode()

    for bit in range(len(text) * 8):
        altered = bytearray(text)
        altered[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
            references.verify(altered.decode("latin-1"), kind=CallbackKind.WHATSAPP)


def test_every_truncation_is_refused(references: CallbackReferences) -> None:
    text = for_unit(references)

    for length in range(len(text)):
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
            references.verify(text[:length], kind=CallbackKind.WHATSAPP)


def test_another_organizations_id_cannot_be_written_in(references: CallbackReferences) -> None:
    signed = base64.urlsafe_b64decode(for_unit(references))
    altered = signed.replace(ORGANIZATION.bytes, uuid4().bytes)
    assert altered != signed

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(base64.urlsafe_b64encode(altered).decode(), kind=CallbackKind.WHATSAPP)


@pytest.mark.parametrize(
    "text",
    [None, "", " ", "A" * 100, "A" * 99, "A" * 101, "\n" + "A" * 99, "é" * 100, "=" * 100, "A" * 10_000],
    ids=["none", "empty", "blank", "zeros", "short", "long", "newline", "accents", "padding", "very long"],
)
def test_what_never_was_a_reference_is_refused(references: CallbackReferences, text: str | None) -> None:
    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(text, kind=CallbackKind.WHATSAPP)


def test_a_genuine_reference_with_something_added_is_refused(references: CallbackReferences) -> None:
    text = for_unit(references)

    for spoiled in (text + "\n", " " + text, text + "=", text + "A", text[:50] + "\n" + text[50:]):
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
            references.verify(spoiled, kind=CallbackKind.WHATSAPP)


_HEADS_OF_OURS = (b"\x01\x02\x01", b"\x01\x02\x02")


@given(
    head=st.binary(min_size=3, max_size=3).filter(lambda head: head not in _HEADS_OF_OURS),
    rest=st.binary(min_size=40, max_size=40),
)
@example(head=b"\x02\x02\x01", rest=b"\x7f" * 40)
@example(head=b"\x00\x02\x01", rest=b"\x7f" * 40)
@example(head=b"\x01\x03\x01", rest=b"\x7f" * 40)
@example(head=b"\x01\x00\x01", rest=b"\x7f" * 40)
@example(head=b"\x01\x02\x03", rest=b"\x7f" * 40)
@example(head=b"\x01\x02\x00", rest=b"\x7f" * 40)
@settings(max_examples=in_soak(1000, else_=50))
def test_signed_content_of_another_layout_is_refused_and_does_not_crash(head: bytes, rest: bytes) -> None:
    references = CallbackReferences(SECRET, clock=SetClock())
    content = head + rest
    signed = content + references._digest(content)

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook reference$"):
        references.verify(base64.urlsafe_b64encode(signed).decode(), kind=CallbackKind.WHATSAPP)


@pytest.mark.parametrize("secret", [None, "", "   "], ids=["absent", "empty", "blank"])
def test_without_a_secret_nothing_is_accepted_and_nothing_handed_out(
    references: CallbackReferences, clock: SetClock, secret: str | None
) -> None:
    secretless = CallbackReferences(secret, clock=clock)
    content = base64.urlsafe_b64decode(for_unit(references))[:43]
    by_empty_key = hmac.digest(b"", b"banxway callback reference v1\0" + content, hashlib.sha256)
    forged = base64.urlsafe_b64encode(content + by_empty_key).decode()

    for text in (for_unit(references), forged, None, "", "A" * 100):
        with pytest.raises(errors.Unavailable, match="WEBHOOK_SECRET is not set"):
            secretless.verify(text, kind=CallbackKind.WHATSAPP)
    with pytest.raises(errors.Unavailable):
        for_unit(secretless)


def test_a_missing_secret_is_answered_503() -> None:
    assert errors.Unavailable.status == 503


def test_a_right_signature_is_accepted() -> None:
    digest = hmac.new(b"shared", BODY, hashlib.sha256).hexdigest()

    verify_signature(f"sha256={digest}", BODY, secret="shared")
    verify_signature(f"sha256={digest.upper()}", BODY, secret="shared")
    verify_signature(f" sha256={digest}\t", BODY, secret=" shared\n")


def _signature(secret: bytes = b"shared", body: bytes = BODY) -> str:
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "header",
    [
        "", "sha256=", _signature()[7:], _signature()[:-1], _signature() + "0", "sha1=" + _signature()[7:],
        _signature(b"other"), _signature(body=BODY + b" "), "SHA256=" + _signature()[7:], "sha256=" + "0" * 64,
        "sha256=" + "ü" * 64, _signature() + "," + _signature(),
    ],
    ids=[
        "empty", "no digest", "no algorithm", "cut", "longer", "another algorithm", "another secret",
        "another body", "algorithm in capitals", "zeros", "accents", "two of them",
    ],
)  # fmt: skip
def test_another_signature_is_refused(header: str) -> None:
    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid webhook signature$"):
        verify_signature(header, BODY, secret="shared")


def test_a_signature_is_never_checked_against_an_empty_secret() -> None:
    for secret in ("", " \n"):
        with pytest.raises(errors.Unavailable, match="EXOTEL_SIGNATURE_SECRET is not set"):
            verify_signature(_signature(b""), BODY, secret=secret)


def test_digests_are_only_ever_compared_in_constant_time() -> None:
    tree = ast.parse(Path(references_module.__file__).read_text())
    compared = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    by_value = [
        node for node in compared if any(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops)
    ]
    suspicious = [ast.unparse(node) for node in by_value]
    constant_time = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "compare_digest"
    ]

    # What is compared by value is a version, a word and lengths; both digests go through compare_digest.
    assert set(suspicious) == {"content[0] != _VERSION", "subject == 'unit'", "len(claimed) != len(expected)"}
    assert len(constant_time) == 2


def test_importing_references_needs_the_standard_library_only() -> None:
    check = "import sys, banxway.security.references; print(*sorted(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-S", "-c", check],
        env={"PYTHONPATH": str(LAYER)},
        check=True,
        capture_output=True,
        text=True,
    )

    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - sys.stdlib_module_names - {"banxway", "__main__"} == set()
    assert not {"dataclasses", "typing_extensions", "asyncio", "ssl"} & loaded


def test_an_expiry_is_kept_to_the_second(references: CallbackReferences, clock: SetClock) -> None:
    clock.set(datetime(2026, 1, 15, 9, 30, 0, 999_999, tzinfo=UTC))

    reference = references.verify(for_unit(references), kind=CallbackKind.WHATSAPP)

    assert reference.expires_at == datetime(2026, 1, 22, 9, 30, tzinfo=UTC)
