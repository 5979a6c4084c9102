"""Stored ciphertext can be opened only for the row that it was sealed for."""

import base64
import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway import errors
from banxway.security import envelope as envelope_module
from banxway.security.envelope import KEY_LIFETIME, Binding, Envelope, _DataKeys
from banxway.security.key_wrappers import (
    DataKey,
    KeyWrapper,
    KmsKeyWrapper,
    MasterKeyWrapper,
    NoKeyWrapper,
    WrappedKey,
)
from tests.support.gates.chance import in_soak
from tests.support.keys.envelopes import key_id_of
from tests.support.timing.clocks import SetClock

CORRUPT = "Invalid encrypted data format: it was cut, altered or moved; save the credentials again"
CHANGED = "decrypt failed: the encryption key changed; restore the original ENCRYPTION_MASTER_KEY"


class CountingWrapper:
    """A real wrapper that counts its calls."""

    def __init__(self, inner: MasterKeyWrapper) -> None:
        self.inner = inner
        self.generated: list[Mapping[str, str]] = []
        self.unwrapped: list[Mapping[str, str]] = []

    def generate(self, context: Mapping[str, str]) -> DataKey:
        self.generated.append(context)
        return self.inner.generate(context)

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> bytes:
        self.unwrapped.append(context)
        return self.inner.unwrap(wrapped, key_id, context)


class CarelessWrapper:
    """A key service that ignores the context, so that only the envelope binds a ciphertext to its row."""

    def generate(self, context: Mapping[str, str]) -> DataKey:
        return DataKey(bytes(range(32)), b"wrapped-key", "key-1")

    def unwrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> bytes:
        return bytes(range(32))

    def rewrap(self, wrapped: bytes, key_id: str, context: Mapping[str, str]) -> WrappedKey:
        raise NotImplementedError


def a_binding(**changes: object) -> Binding:
    fields = {"organization_id": uuid4(), "table": "integrations", "row_id": uuid4(), **changes}
    return Binding(**fields)  # type: ignore[arg-type]  # the caller's own fields


@pytest.fixture
def counting(new_master_key: Callable[[], str]) -> CountingWrapper:
    return CountingWrapper(MasterKeyWrapper(new_master_key()))


@given(plaintext=st.binary(max_size=3000), table=st.text(max_size=40), purpose=st.text(max_size=40))
@settings(max_examples=in_soak(2000, else_=50))
def test_what_was_encrypted_comes_back(plaintext: bytes, table: str, purpose: str) -> None:
    envelope = Envelope(MasterKeyWrapper(base64.b64encode(bytes(32)).decode()), clock=SetClock())
    binding = a_binding(table=table)

    text = envelope.encrypt(plaintext, binding=binding, purpose=purpose)

    assert envelope.decrypt(text, binding=binding, purpose=purpose) == plaintext


# Ciphertexts are stored for years: those of earlier releases must still open, and new ones have the same format.
RECORDED_MASTER_KEY = base64.b64encode(bytes(range(32))).decode()
RECORDED_KEY_ID = "master:16828cc59c9535d0"
RECORDED_BINDING = Binding(UUID(int=1), "integration_credentials", UUID(int=2))
RECORDED = (
    "ARdtYXN0ZXI6MTY4MjhjYzU5Yzk1MzVkMAA87wYovvvTycrqmenlME+RZYKrVC7gzhIa/RKO7FlPidw34+mdQB1/qhrdFvMLP5DBy3lWiCXt"
    "UzFWuHitxPUGv4cvpYdrabbDYcnhBqlAeslD8VCbFDXdfIxyy2pU2gQj5DUx0mcR"
)
RECORDED_UNDER_ONE_KEY = (
    "AQVrZXktMQALd3JhcHBlZC1rZXlubm5ubm5ubm5ubm7UPnQb0CjqnUtDstKo1ABUjDtbksl6E7AeU6ouh4Q="
)


def test_what_the_first_release_stored_still_opens(clock: SetClock) -> None:
    envelope = Envelope(MasterKeyWrapper(RECORDED_MASTER_KEY), clock=clock)

    assert key_id_of(RECORDED) == RECORDED_KEY_ID
    assert envelope.decrypt(RECORDED, binding=RECORDED_BINDING) == b"secret"


def test_an_envelope_is_written_as_in_the_first_release(clock: SetClock) -> None:
    envelope = Envelope(CarelessWrapper(), clock=clock, new_nonce=lambda: b"n" * 12)

    assert envelope.encrypt(b"secret", binding=RECORDED_BINDING) == RECORDED_UNDER_ONE_KEY


def test_the_text_shows_nothing_of_the_plaintext(envelope: Envelope) -> None:
    text = envelope.encrypt(b"canary-secret-value", binding=a_binding())

    stored = base64.b64decode(text)
    assert b"canary" not in stored
    assert "Y2FuYXJ5" not in text


def test_the_same_plaintext_never_looks_the_same_twice(envelope: Envelope) -> None:
    binding = a_binding()

    texts = {envelope.encrypt(b"same", binding=binding) for _ in range(500)}

    assert len(texts) == 500


MOVES: dict[str, Callable[[Binding], Binding]] = {
    "another organization": lambda b: Binding(uuid4(), b.table, b.row_id),
    "another table": lambda b: Binding(b.organization_id, b.table + "s", b.row_id),
    "another row": lambda b: Binding(b.organization_id, b.table, uuid4()),
    "organization and row swapped": lambda b: Binding(b.row_id, b.table, b.organization_id),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
@pytest.mark.parametrize(
    "wrapper", [MasterKeyWrapper(RECORDED_MASTER_KEY), CarelessWrapper()], ids=["key", "one key"]
)
def test_a_ciphertext_moved_elsewhere_does_not_open(
    clock: SetClock, wrapper: KeyWrapper, move: Callable[[Binding], Binding]
) -> None:
    """Different data keys for each organization and purpose are not the only thing that binds a ciphertext."""
    envelope, binding = Envelope(wrapper, clock=clock), a_binding()
    text = envelope.encrypt(b"secret", binding=binding)

    with pytest.raises(errors.CorruptEnvelope, match=CORRUPT):
        envelope.decrypt(text, binding=move(binding))


def test_every_pair_of_swapped_rows_is_refused(envelope: Envelope) -> None:
    organizations = [uuid4(), uuid4()]
    bindings = [a_binding(organization_id=organizations[n % 2]) for n in range(12)]
    texts = [envelope.encrypt(b"secret", binding=binding) for binding in bindings]
    pairs = [(text, other) for n, text in enumerate(texts) for m, other in enumerate(bindings) if n != m]

    refused = 0
    for text, other in pairs:
        with pytest.raises(errors.CorruptEnvelope):
            envelope.decrypt(text, binding=other)
        refused += 1

    assert refused == 132


@pytest.mark.parametrize(
    "wrapper", [MasterKeyWrapper(RECORDED_MASTER_KEY), CarelessWrapper()], ids=["key", "one key"]
)
def test_a_ciphertext_of_one_purpose_does_not_open_for_another(clock: SetClock, wrapper: KeyWrapper) -> None:
    envelope, binding = Envelope(wrapper, clock=clock), a_binding()
    text = envelope.encrypt(b"secret", binding=binding, purpose="credentials")

    with pytest.raises(errors.CorruptEnvelope, match=CORRUPT):
        envelope.decrypt(text, binding=binding, purpose="blobs")


@pytest.mark.parametrize(("table", "purpose"), [("a", "bc"), ("abc", ""), ("", "abc")])
def test_table_and_purpose_cannot_be_shifted_into_each_other(
    clock: SetClock, table: str, purpose: str
) -> None:
    envelope, binding = Envelope(CarelessWrapper(), clock=clock), a_binding(table="ab")
    sealed = envelope.encrypt(b"secret", binding=binding, purpose="c")

    with pytest.raises(errors.CorruptEnvelope):
        envelope.decrypt(sealed, binding=replace(binding, table=table), purpose=purpose)


def test_each_flipped_bit_of_200_envelopes_is_refused_as_damage(envelope: Envelope) -> None:
    bindings = [a_binding() for _ in range(200)]
    sealed = [envelope.seal(b"s3cret", binding=binding, purpose="credentials") for binding in bindings]

    refused = 0
    for content, binding in zip(sealed, bindings, strict=True):
        # 200 envelopes share the bits: every bit position is flipped in at least 30 of them.
        for bit in range(refused % 7, len(content) * 8, 7):
            altered = bytearray(content)
            altered[bit // 8] ^= 1 << (bit % 8)
            with pytest.raises(errors.CorruptEnvelope):
                envelope.open(bytes(altered), binding=binding, purpose="credentials")
        refused += 1

    assert refused == 200


def test_each_flipped_bit_behind_a_repaired_checksum_is_refused_as_well(envelope: Envelope) -> None:
    binding = a_binding()
    content = envelope.seal(b"s3cret", binding=binding, purpose="credentials")
    body = content[:-8]

    kinds = set()
    for bit in range(len(body) * 8):
        altered = bytearray(body)
        altered[bit // 8] ^= 1 << (bit % 8)
        checksum = envelope_module.hashlib.sha256(altered).digest()[:8]
        with pytest.raises((errors.CorruptEnvelope, errors.WrongKey)) as refusal:
            envelope.open(bytes(altered) + checksum, binding=binding, purpose="credentials")
        kinds.add(refusal.type)

    # A changed key id looks like that of an unknown key; everything else is damage.
    assert kinds == {errors.CorruptEnvelope, errors.WrongKey}


def test_each_flipped_bit_of_the_stored_text_is_refused_as_damage(envelope: Envelope) -> None:
    binding = a_binding()
    for size in (0, 1, 2):
        text = envelope.encrypt(b"x" * size, binding=binding)
        for bit in range(len(text) * 8):
            altered = bytearray(text.encode())
            altered[bit // 8] ^= 1 << (bit % 8)

            with pytest.raises(errors.CorruptEnvelope):
                envelope.decrypt(altered.decode("latin-1"), binding=binding)


def test_every_truncation_is_refused_as_damage(envelope: Envelope) -> None:
    binding = a_binding()
    content = envelope.seal(b"s3cret", binding=binding, purpose="credentials")

    for length in range(len(content)):
        with pytest.raises(errors.CorruptEnvelope):
            envelope.open(content[:length], binding=binding, purpose="credentials")


@given(noise=st.binary(max_size=200))
@settings(max_examples=in_soak(3000, else_=100))
def test_noise_with_a_right_checksum_is_refused(noise: bytes) -> None:
    envelope = Envelope(MasterKeyWrapper(base64.b64encode(bytes(32)).decode()), clock=SetClock())
    body = b"\x01" + noise
    sealed = body + envelope_module.hashlib.sha256(body).digest()[:8]

    with pytest.raises((errors.CorruptEnvelope, errors.WrongKey)):
        envelope.open(sealed, binding=a_binding(), purpose="credentials")


@pytest.mark.parametrize(
    "text",
    ["", "   ", "not base64 at all", "QUJD\n", "ゆめ", "AAAA", "null", "-" * 100],
    ids=["empty", "blank", "words", "newline", "unicode", "short", "null", "dashes"],
)
def test_text_that_never_was_an_envelope_says_to_save_the_credentials_again(
    envelope: Envelope, text: str
) -> None:
    with pytest.raises(errors.CorruptEnvelope, match=CORRUPT):
        envelope.decrypt(text, binding=a_binding())


def test_a_changed_master_key_says_to_restore_the_original(
    clock: SetClock, new_master_key: Callable[[], str]
) -> None:
    binding = a_binding()
    text = Envelope(MasterKeyWrapper(new_master_key()), clock=clock).encrypt(b"secret", binding=binding)

    with pytest.raises(errors.WrongKey, match=CHANGED):
        Envelope(MasterKeyWrapper(new_master_key()), clock=clock).decrypt(text, binding=binding)


def test_a_missing_key_says_to_configure_one(envelope: Envelope, clock: SetClock) -> None:
    binding = a_binding()
    text = envelope.encrypt(b"secret", binding=binding)
    keyless = Envelope(NoKeyWrapper(), clock=clock)

    with pytest.raises(errors.KeyMissing, match="restore ENCRYPTION_KEY_ARN or ENCRYPTION_MASTER_KEY"):
        keyless.decrypt(text, binding=binding)
    with pytest.raises(errors.KeyMissing, match="set ENCRYPTION_KEY_ARN or ENCRYPTION_MASTER_KEY"):
        keyless.encrypt(b"secret", binding=binding)


def test_the_key_id_is_returned_without_opening(envelope: Envelope, clock: SetClock) -> None:
    text = envelope.encrypt(b"secret", binding=a_binding())

    assert key_id_of(text).startswith("master:")


def test_a_data_key_serves_for_five_minutes_and_no_longer(counting: CountingWrapper, clock: SetClock) -> None:
    envelope, binding = Envelope(counting, clock=clock), a_binding()
    text = envelope.encrypt(b"secret", binding=binding)

    clock.advance(seconds=299)
    envelope.encrypt(b"secret", binding=binding)
    envelope.decrypt(text, binding=binding)
    assert (len(counting.generated), len(counting.unwrapped)) == (1, 0)

    clock.advance(seconds=1)
    envelope.encrypt(b"secret", binding=binding)
    envelope.decrypt(text, binding=binding)
    assert (len(counting.generated), len(counting.unwrapped)) == (2, 1)


def test_a_stale_data_key_leaves_the_process_at_the_next_use(
    counting: CountingWrapper, clock: SetClock
) -> None:
    envelope, stale, fresh = Envelope(counting, clock=clock), a_binding(), a_binding()
    envelope.encrypt(b"secret", binding=stale)
    clock.advance(minutes=6)

    envelope.encrypt(b"secret", binding=fresh)

    kept = {place[0] for place in envelope._keys._entries}
    assert kept == {fresh.organization_id}


def test_a_clock_that_is_set_back_makes_no_key_immortal(counting: CountingWrapper, clock: SetClock) -> None:
    envelope, binding = Envelope(counting, clock=clock), a_binding()
    envelope.encrypt(b"secret", binding=binding)
    clock.advance(days=-1)

    envelope.encrypt(b"secret", binding=binding)

    assert len(counting.generated) == 2


def test_the_number_of_cached_keys_is_bounded(counting: CountingWrapper, clock: SetClock) -> None:
    envelope = Envelope(counting, clock=clock)

    for _ in range(envelope_module.MAX_CACHED_KEYS * 2):
        envelope.encrypt(b"secret", binding=a_binding())

    assert len(envelope._keys._entries) == envelope_module.MAX_CACHED_KEYS == 256


def test_where_keys_must_go_the_oldest_goes_first(counting: CountingWrapper, clock: SetClock) -> None:
    envelope, oldest, newest = Envelope(counting, clock=clock), a_binding(), a_binding()
    envelope.encrypt(b"secret", binding=oldest)
    # Each organization has two entries: for sealing and for opening.
    for _ in range(envelope_module.MAX_CACHED_KEYS // 2 - 1):
        envelope.encrypt(b"secret", binding=newest)
        newest = a_binding()
    text = envelope.encrypt(b"secret", binding=newest)
    made = len(counting.generated)

    envelope.encrypt(b"secret", binding=newest)
    envelope.decrypt(text, binding=newest)
    assert (len(counting.generated), len(counting.unwrapped)) == (made, 0)
    envelope.encrypt(b"secret", binding=oldest)
    assert len(counting.generated) == made + 1


def test_a_key_that_two_threads_fetched_at_once_keeps_no_older_one_alive(
    counting: CountingWrapper, clock: SetClock
) -> None:
    """Both found no key; the second stores its own when a third organization's key is already in the cache."""
    keys, slow, other = _DataKeys(clock), counting.generate({"a": "slow"}), counting.generate({"a": "other"})
    keys.remember(("slow",), slow)
    clock.advance(seconds=1)
    keys.remember(("other",), other)
    clock.advance(seconds=60)
    keys.remember(("slow",), slow)

    clock.advance(seconds=KEY_LIFETIME.total_seconds() - 60)

    assert keys.find(("other",)) is None
    assert keys.find(("slow",)) is slow


def test_one_organizations_data_key_is_never_used_for_another(
    counting: CountingWrapper, clock: SetClock
) -> None:
    envelope, one, other = Envelope(counting, clock=clock), a_binding(), a_binding()

    key_of_one = envelope._key_for_sealing(one.organization_id, "credentials")
    key_of_other = envelope._key_for_sealing(other.organization_id, "credentials")

    assert key_of_one.plaintext != key_of_other.plaintext
    assert [context["organization_id"] for context in counting.generated] == [
        str(one.organization_id),
        str(other.organization_id),
    ]


def test_a_foreign_envelope_is_refused_even_while_its_key_is_cached(envelope: Envelope) -> None:
    owner, thief = a_binding(), a_binding()
    text = envelope.encrypt(b"secret", binding=owner)
    envelope.decrypt(text, binding=owner)

    with pytest.raises(errors.CorruptEnvelope):
        envelope.decrypt(text, binding=thief)


def test_serving_two_organizations_in_turn_leaves_no_plaintext_behind(envelope: Envelope) -> None:
    bindings = [a_binding(), a_binding()]
    canaries = [b"canary-of-A-" + uuid4().bytes, b"canary-of-B-" + uuid4().bytes]
    texts = [envelope.encrypt(c, binding=b) for c, b in zip(canaries, bindings, strict=True)]

    for turn in range(10_000):
        assert envelope.decrypt(texts[turn % 2], binding=bindings[turn % 2]) == canaries[turn % 2]

    held = _bytes_reachable_from(envelope._keys)
    assert len({key for key in held if len(key) == 32}) == 2, "only the two data keys are kept"
    assert not any(canary in value for canary in canaries for value in held)


def _bytes_reachable_from(holder: object) -> set[bytes]:
    found: set[bytes] = set()
    waiting, seen = [holder], set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, bytes):
            found.add(value)
        elif id(value) not in seen and not isinstance(value, type):
            seen.add(id(value))
            waiting += [r for r in gc.get_referents(value) if isinstance(r, bytes | dict | tuple | DataKey)]
    return found


def test_a_key_shows_its_id_alone() -> None:
    assert repr(DataKey(b"plaintext", b"wrapped", "id")) == "DataKey(key_id='id')"
    assert repr(WrappedKey(b"wrapped", "id")) == "WrappedKey(key_id='id')"


def test_kms_envelopes_open_in_their_row_only(kms, kms_key_arn: str, clock: SetClock) -> None:
    envelope, binding = Envelope(KmsKeyWrapper(kms_key_arn, lambda: kms), clock=clock), a_binding()
    text = envelope.encrypt(b"secret", binding=binding)
    clock.advance(minutes=10)

    assert envelope.decrypt(text, binding=binding) == b"secret"
    assert key_id_of(text) == kms_key_arn
    with pytest.raises(errors.CorruptEnvelope):
        envelope.decrypt(text, binding=a_binding())


def test_each_flipped_bit_of_a_kms_envelope_is_refused_as_damage(
    kms, kms_key_arn: str, clock: SetClock
) -> None:
    envelope, binding = Envelope(KmsKeyWrapper(kms_key_arn, lambda: kms), clock=clock), a_binding()
    content = envelope.seal(b"secret", binding=binding, purpose="credentials")

    for bit in range(len(content) * 8):
        altered = bytearray(content)
        altered[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(errors.CorruptEnvelope):
            envelope.open(bytes(altered), binding=binding, purpose="credentials")


def test_a_nonce_is_taken_from_the_source_that_was_handed_in(
    clock: SetClock, new_master_key: Callable[[], str]
) -> None:
    nonces = iter([b"a" * 12, b"b" * 12])
    envelope = Envelope(MasterKeyWrapper(new_master_key()), clock=clock, new_nonce=lambda: next(nonces))
    binding = Binding(UUID(int=1), "integrations", UUID(int=2))

    first, second = (base64.b64decode(envelope.encrypt(b"secret", binding=binding)) for _ in range(2))

    assert b"a" * 12 in first
    assert b"b" * 12 in second
