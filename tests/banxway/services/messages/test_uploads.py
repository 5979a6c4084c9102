"""Uploads become part of a message once, by the person who announced them, with exactly what was announced."""

import io
import os
import zipfile
import zlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.messages.uploads import MAX_UPLOAD_BYTES, NewUpload, UploadedFile
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.timing.racing import Background, patient, until_waiting

CONTENT = b"%PDF-1.7 an invoice"


def _announce(product: Product, actor: Actor, size: int = len(CONTENT), name: str = "invoice.pdf") -> UUID:
    upload = NewUpload(filename=name, content_type="application/pdf", size_bytes=size)
    return product.app.messages.uploads.create(actor=actor, upload=upload).upload_id


def _send(product: Product, actor: Actor, upload_id: UUID, content: bytes = CONTENT) -> None:
    product.app.infrastructure.blob_transfers.keep(actor.organization_id, upload_id, content)


def _claim(product: Product, actor: Actor, *upload_ids: UUID) -> list[UploadedFile]:
    with product.app.infrastructure.database.as_actor(actor) as transaction:
        claimed = product.app.messages.uploads.claim(transaction, actor, upload_ids)
        return product.app.messages.uploads.keep(actor.organization_id, claimed)


def _sent(product: Product, actor: Actor, content: bytes = CONTENT) -> UUID:
    upload_id = _announce(product, actor, len(content))
    _send(product, actor, upload_id, content)
    return upload_id


def test_claimed_uploads_are_in_the_blob_store_in_the_order_asked(product: Product, agent: Actor) -> None:
    first, second = _sent(product, agent), _sent(product, agent, b"another")

    claimed = _claim(product, agent, second, first)

    assert [file.upload_id for file in claimed] == [second, first]
    assert [(file.filename, file.content_type, file.size_bytes) for file in claimed] == [
        ("invoice.pdf", "application/pdf", 7),
        ("invoice.pdf", "application/pdf", len(CONTENT)),
    ]
    stored = [product.app.infrastructure.blobs.get(agent.organization_id, file.blob_key) for file in claimed]
    assert stored == [b"another", CONTENT]


def test_a_claim_alone_stores_nothing(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)
    before = {path for path in product.folder.rglob("*") if path.is_file()}

    with product.app.infrastructure.database.as_actor(agent) as transaction:
        (claimed,) = product.app.messages.uploads.claim(transaction, agent, [upload_id])

    assert (claimed.filename, claimed.size_bytes, claimed.blob_key) == ("invoice.pdf", len(CONTENT), "")
    assert {path for path in product.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("now", [b"", CONTENT[:-1], None], ids=["empty", "shorter", "gone"])
def test_what_was_replaced_since_its_claim_is_not_kept(
    product: Product, agent: Actor, now: bytes | None
) -> None:
    upload_id = _sent(product, agent)
    with product.app.infrastructure.database.as_actor(agent) as transaction:
        claimed = product.app.messages.uploads.claim(transaction, agent, [upload_id])
    (path,) = [path for path in product.folder.rglob("*") if path.name == str(upload_id)]
    path.unlink()
    if now is not None:
        _send(product, agent, upload_id, now)

    with pytest.raises(ValidationFailed, match=r"invoice\.pdf was replaced or removed meanwhile") as refused:
        product.app.messages.uploads.keep(agent.organization_id, claimed)

    assert refused.value.details == {"field": "attachments"}


def test_an_upload_is_claimed_once(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)
    _claim(product, agent, upload_id)

    with pytest.raises(ValidationFailed, match="No such upload") as refused:
        _claim(product, agent, upload_id)

    assert refused.value.details == {"field": "attachments.0"}


def test_a_claim_that_rolls_back_may_be_made_again(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)
    with (
        pytest.raises(ValidationFailed, match="a field elsewhere"),
        product.app.infrastructure.database.as_actor(agent) as transaction,
    ):
        product.app.messages.uploads.claim(transaction, agent, [upload_id])
        raise ValidationFailed("a field elsewhere", field="subject")

    assert _claim(product, agent, upload_id)[0].size_bytes == len(CONTENT)


def test_one_of_two_that_claim_at_once_gets_it(product: Product, agent: Actor, twin) -> None:
    upload_id = _sent(product, agent)
    other = twin()
    patient(other.app)

    with product.app.infrastructure.database.as_actor(agent) as transaction:
        product.app.messages.uploads.claim(transaction, agent, [upload_id])
        claiming = Background(lambda: _claim(other, agent, upload_id))
        until_waiting(product.database)

    with pytest.raises(ValidationFailed, match="No such upload"):
        claiming.result()
    assert product.database.rows("SELECT FROM uploads") == []


@pytest.mark.parametrize("whose", ["another user's", "another organization's", "nobody's"])
def test_what_is_not_ones_own_looks_like_what_does_not_exist(
    product: Product, organization: Organization, agent: Actor, whose: str
) -> None:
    stranger = product.actor(product.database.add_organization("Other"))
    owners = {"another user's": product.actor(organization, "manager"), "another organization's": stranger}
    mine = _sent(product, agent)
    theirs = _sent(product, owners[whose]) if whose in owners else uuid4()

    with pytest.raises(ValidationFailed) as refused:
        _claim(product, agent, mine, theirs)

    assert refused.value.message == "No such upload: it is unknown, was used already or has expired"
    assert refused.value.details == {"field": "attachments.1"}
    assert _claim(product, agent, mine)


def test_an_expired_upload_is_refused(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)
    product.database.rows("UPDATE uploads SET expires_at = now() - interval '1 second'")

    with pytest.raises(ValidationFailed, match="has expired"):
        _claim(product, agent, upload_id)


def test_what_was_not_sent_yet_is_refused_and_may_be_sent_still(product: Product, agent: Actor) -> None:
    upload_id = _announce(product, agent)
    with pytest.raises(ValidationFailed, match="has not arrived yet") as refused:
        _claim(product, agent, upload_id)

    _send(product, agent, upload_id)

    assert refused.value.details == {"field": "attachments.0"}
    assert _claim(product, agent, upload_id)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x"], ids=["empty", "shorter", "longer"])
def test_another_size_than_announced_is_refused(product: Product, agent: Actor, content: bytes) -> None:
    upload_id = _announce(product, agent)
    _send(product, agent, upload_id, content)

    with pytest.raises(ValidationFailed, match="differs from the announced size_bytes"):
        _claim(product, agent, upload_id)


def test_a_file_over_the_limit_is_refused_whatever_it_announced(product: Product, agent: Actor) -> None:
    upload_id = _announce(product, agent, size=1)
    _send(product, agent, upload_id, b"x" * (MAX_UPLOAD_BYTES + 1))

    with pytest.raises(ValidationFailed) as refused:
        _claim(product, agent, upload_id)

    assert refused.value.details == {"field": "attachments.0", "limit_bytes": MAX_UPLOAD_BYTES}


def test_one_upload_twice_in_a_message_is_refused(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)

    with pytest.raises(ValidationFailed, match="twice") as refused:
        _claim(product, agent, upload_id, upload_id)

    assert refused.value.details == {"field": "attachments.1"}


def test_the_caller_names_the_fields(product: Product, agent: Actor) -> None:
    with (
        pytest.raises(ValidationFailed) as refused,
        product.app.infrastructure.database.as_actor(agent) as transaction,
    ):
        product.app.messages.uploads.claim(transaction, agent, [uuid4()], fields=["inline.0.upload_id"])

    assert refused.value.details == {"field": "inline.0.upload_id"}


def test_an_archive_bomb_is_taken_as_it_is_and_never_unpacked(
    product: Product, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    bomb = packed.getvalue()
    upload_id = _sent(product, agent, bomb)
    unpacked: list[str] = []
    for module, name in ((zlib, "decompress"), (zlib, "decompressobj"), (zipfile, "ZipFile")):
        monkeypatch.setattr(module, name, lambda *_, name=name: unpacked.append(name))

    (claimed,) = _claim(product, agent, upload_id)

    assert unpacked == []
    assert product.app.infrastructure.blobs.get(agent.organization_id, claimed.blob_key) == bomb


def test_a_sweep_forgets_what_nobody_claimed_and_nothing_else(product: Product, agent: Actor) -> None:
    old, young = _sent(product, agent), _sent(product, agent)
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    (file,) = [path for path in product.folder.rglob("*") if path.name == str(old)]
    os.utime(file, (two_days_ago, two_days_ago))
    product.database.rows("UPDATE uploads SET expires_at = now() - interval '1 day' WHERE id = %s", (old,))

    swept = product.app.maintenance.sweep.sweep()

    assert swept.uploads_forgotten == 1
    assert not file.exists()
    assert _claim(product, agent, young)


def test_a_rotation_of_keys_takes_waiting_uploads_along(product: Product, agent: Actor) -> None:
    upload_id = _sent(product, agent)

    names = product.app.infrastructure.blobs.sealed_names(agent.organization_id)

    assert f"{agent.organization_id}/_uploads/{upload_id}" in names
