"""Tampering by the tables' owner is found at the first entry that is wrong (threat 46)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from banxway.models.audit.audit import AuditVerification
from banxway.services.audit import verification as audit_verification
from banxway.services.audit.verification import AuditVerifier
from banxway.storage.audit import chain as audit_chain
from banxway.storage.audit import trail as audit
from tests.support.databases.postgres import Organization
from tests.support.databases.tampering import tamper
from tests.support.product.builders import Product
from tests.support.timing.clocks import SetClock, TickingClock

ENTRIES = 12
SWAP = (
    "UPDATE integration_audit_logs SET sequence = -1 WHERE sequence = 5",
    "UPDATE integration_audit_logs SET sequence = 5 WHERE sequence = 8",
    "UPDATE integration_audit_logs SET sequence = 8 WHERE sequence = -1",
)
CUT = "DELETE FROM integration_audit_logs WHERE sequence > 8"
EDIT = "UPDATE integration_audit_logs SET action = 'nothing' WHERE sequence = 5"


def write(product: Product, organization_id: UUID, number: int, *, user_id: UUID | None = None) -> None:
    with product.app.infrastructure.database.organization(organization_id) as transaction:
        audit.append(
            transaction,
            organization_id=organization_id,
            user_id=user_id,
            integration_type="exotel_phone",
            action="integration.test",
            succeeded=number % 2 == 0,
            details={"number": number, "note": "línea\nनमस्ते", "rate": 1.50},
        )


@pytest.fixture
def written(product: Product, organization: Organization) -> Product:
    """A product with a trail of twelve entries, not anchored yet."""
    for number in range(ENTRIES):
        write(product, organization.id, number, user_id=organization.admin)
    return product


@pytest.fixture
def anchored(written: Product) -> Product:
    """The same trail with its newest entry anchored."""
    assert written.app.audit.anchors.follow() == 1
    return written


def verify(product: Product, admin: Actor) -> AuditVerification:
    return product.app.audit.verification.verify(actor=admin)


def test_a_trail_that_nobody_touched_is_whole(anchored: Product, admin: Actor) -> None:
    found = verify(anchored, admin)

    assert (found.valid, found.checked, found.total, found.next_cursor) == (True, ENTRIES, ENTRIES, None)
    assert found.checked_through is not None


def test_an_organization_without_entries_has_a_whole_trail(product: Product, admin: Actor) -> None:
    assert verify(product, admin).model_dump() == {
        "valid": True,
        "checked": 0,
        "total": 0,
        "checked_through": None,
        "first_bad_sequence": None,
        "reason": None,
        "next_cursor": None,
    }


def test_our_hash_and_the_databases_agree_on_every_entry(
    written: Product, organization: Organization
) -> None:
    stored = written.database.rows(
        "SELECT sequence, audit_hash(entry) AS hash FROM integration_audit_logs entry ORDER BY sequence"
    )

    with written.app.infrastructure.database.organization(organization.id) as transaction:
        links = audit_chain.links(transaction, after=0, limit=100)
    ours = [
        {
            "sequence": link.sequence,
            "hash": audit_chain.entry_hash(link, previous_hash=link.previous_hash),
        }
        for link in links
    ]

    assert ours == stored


@pytest.mark.parametrize(
    "change",
    [
        "id = gen_random_uuid()",
        "user_id = NULL",
        "integration_id = gen_random_uuid()",
        "integration_type = 'exotel_sms'",
        "action = 'nothing'",
        "status = CASE status WHEN 'failed' THEN 'success' ELSE 'failed' END",
        "details = details || '{\"number\": 40}'",
        "created_at = created_at + interval '1 microsecond'",
        "previous_hash = repeat('a', 64)",
        "hash = repeat('a', 64)",
        "sequence = 500",
        "action = 'nothing', hash = 'new'",
    ],
    ids=lambda change: change.split(" =")[0],
)
@pytest.mark.parametrize("sequence", [1, 5, ENTRIES], ids=["first", "middle", "last"])
def test_any_column_edited_is_found_at_its_row(
    written: Product, admin: Actor, change: str, sequence: int
) -> None:
    tamper(written.database, f"UPDATE integration_audit_logs SET {change} WHERE sequence = {sequence}")

    found = verify(written, admin)

    assert (found.valid, found.first_bad_sequence, found.checked) == (False, sequence, sequence - 1)
    assert str(sequence) in (found.reason or "")


@pytest.mark.parametrize("sequence", [3, 5, ENTRIES - 1, ENTRIES])
def test_an_edit_that_recomputes_its_own_hash_is_found_at_its_row(
    written: Product, admin: Actor, sequence: int
) -> None:
    tamper(
        written.database,
        f"UPDATE integration_audit_logs SET action = 'nothing' WHERE sequence = {sequence}",
        f"UPDATE integration_audit_logs l SET hash = audit_hash(l) WHERE sequence = {sequence}",
    )

    assert verify(written, admin).first_bad_sequence == sequence


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        (["DELETE FROM integration_audit_logs WHERE sequence = 1"], 1),
        (["DELETE FROM integration_audit_logs WHERE sequence = 5"], 5),
        (["DELETE FROM integration_audit_logs WHERE sequence IN (5, 6, 9)"], 5),
        (["DELETE FROM integration_audit_logs WHERE sequence = 12"], 12),
        ([CUT], 9),
        (["DELETE FROM integration_audit_logs"], 1),
        (SWAP, 5),
        (
            [
                "DELETE FROM integration_audit_logs WHERE sequence = 5",
                "UPDATE integration_audit_logs SET sequence = sequence - 1 WHERE sequence > 5",
            ],
            5,
        ),
        (["UPDATE integration_audit_heads SET hash = repeat('a', 64)"], 12),
        (["UPDATE integration_audit_heads SET sequence = 9"], 10),
        (["DELETE FROM integration_audit_heads"], 1),
        (
            [
                "CREATE TABLE forged AS SELECT * FROM integration_audit_logs WHERE sequence = 5",
                "UPDATE forged SET id = gen_random_uuid(), sequence = 0",
                "INSERT INTO integration_audit_logs SELECT * FROM forged",
                "DROP TABLE forged",
            ],
            0,
        ),
    ],
    ids=[
        "first row gone", "middle row gone", "three rows gone", "last row gone", "tail gone", "all gone",
        "reordered", "gone and closed up", "head's hash", "head moved back", "head gone", "put before",
    ],
)  # fmt: skip
def test_rows_removed_or_moved_are_found_at_the_first_of_them(
    written: Product, admin: Actor, statements: list[str], first: int
) -> None:
    tamper(written.database, *statements)

    found = verify(written, admin)

    assert (found.valid, found.first_bad_sequence) == (False, first)


# A trail that was rewritten consistently is found by what is kept outside.


def test_a_tail_cut_off_with_its_head_is_found_by_the_anchor(anchored: Product, admin: Actor) -> None:
    tamper(anchored.database, CUT, relink=True)

    found = verify(anchored, admin)

    assert (found.first_bad_sequence, found.checked) == (9, 8)
    assert found.reason == "The trail ends at entry 8, but entry 12 was written"


def test_all_entries_and_the_head_removed_are_found_by_the_anchor(anchored: Product, admin: Actor) -> None:
    tamper(anchored.database, "DELETE FROM integration_audit_logs", "DELETE FROM integration_audit_heads")

    assert verify(anchored, admin).first_bad_sequence == 1


def test_a_tail_written_again_is_found_by_the_anchor(
    anchored: Product, admin: Actor, organization: Organization
) -> None:
    tamper(anchored.database, CUT, relink=True)
    for number in range(6):
        write(anchored, organization.id, number)

    found = verify(anchored, admin)

    assert found.first_bad_sequence == ENTRIES
    assert "outside the database" in (found.reason or "")


def test_a_chain_rewritten_as_a_whole_is_found_by_the_anchor(anchored: Product, admin: Actor) -> None:
    tamper(anchored.database, EDIT, relink=True)

    assert verify(anchored, admin).first_bad_sequence == ENTRIES


def test_a_chain_rewritten_as_a_whole_is_found_at_the_first_place_where_the_head_once_stood(
    product: Product, organization: Organization, admin: Actor
) -> None:
    for number in range(ENTRIES):
        write(product, organization.id, number)
        product.app.audit.anchors.follow()
    tamper(product.database, EDIT, relink=True)

    assert verify(product, admin).first_bad_sequence == 5


def test_an_anchor_never_follows_a_rewritten_trail(
    anchored: Product, admin: Actor, organization: Organization
) -> None:
    before = anchored.app.audit.anchors.find(organization.id)
    tamper(anchored.database, EDIT, relink=True)

    moved = [anchored.app.audit.anchors.follow() for _ in range(3)]

    assert moved == [0, 0, 0]
    assert anchored.app.audit.anchors.find(organization.id) == before
    assert verify(anchored, admin).first_bad_sequence == ENTRIES
    (reported,) = anchored.database.rows("SELECT kind, subject FROM notifications")
    assert reported == {"kind": "audit_broken", "subject": "audit"}


def test_what_was_written_after_the_anchor_is_whole_as_well(
    anchored: Product, admin: Actor, organization: Organization
) -> None:
    write(anchored, organization.id, 13)

    assert verify(anchored, admin).checked == ENTRIES + 1


def test_a_trail_that_grows_and_is_anchored_while_it_is_verified_is_whole(
    anchored: Product, organization: Organization, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry is written, and the anchor follows, between any two reads of the verifier."""
    beside, anchors = anchored.twin(), anchored.app.audit.anchors
    grown: list[str] = []

    def grow(moment: str) -> None:
        grown.append(moment)
        write(beside, organization.id, len(grown))
        beside.app.audit.anchors.follow()

    class GrowingClock(SetClock):
        def monotonic(self) -> float:
            grow("before a page")
            return super().monotonic()

    def found(organization_id: UUID, find: Callable[[UUID], Any] = anchors.find) -> Any:
        anchor = find(organization_id)
        grow("after the anchor")
        return anchor

    monkeypatch.setattr(anchors, "find", found)
    monkeypatch.setattr(audit_verification, "_AT_ONCE", 5)
    verifier = AuditVerifier(
        anchored.app.infrastructure.database,
        blobs=lambda: anchored.app.infrastructure.blobs,
        anchors=anchors,
        clock=GrowingClock(),
    )

    verified = verifier.verify(actor=admin)
    beside.close()

    assert (verified.valid, verified.reason) == (True, None)
    # An entry that existed when it began, and was written before it read the trail's length.
    assert grown[:2] == ["before a page", "after the anchor"]
    assert (verified.checked, len(grown)) == (ENTRIES + 2, 5)


def test_another_organizations_trail_is_neither_read_nor_blamed(anchored: Product, admin: Actor) -> None:
    other = anchored.database.add_organization("Other")
    write(anchored, other.id, 1)
    tamper(
        anchored.database,
        f"UPDATE integration_audit_logs SET action = 'nothing' WHERE organization_id = '{other.id}'",
    )

    assert verify(anchored, admin).valid
    assert verify(anchored, anchored.actor(other, "admin")).first_bad_sequence == 1


def in_pieces(product: Product, admin: Actor, *, piece: int = 5) -> list[AuditVerification]:
    """Verify a trail in pieces of `piece` entries; return every answer."""
    verifier = AuditVerifier(
        product.app.infrastructure.database,
        blobs=lambda: product.app.infrastructure.blobs,
        anchors=product.app.audit.anchors,
        clock=SetClock(),
        piece=piece,
    )
    answers = [verifier.verify(actor=admin)]
    while answers[-1].next_cursor:
        answers.append(verifier.verify(actor=admin, cursor=answers[-1].next_cursor))
    return answers


def test_a_long_trail_is_verified_in_pieces_and_is_whole_only_at_its_end(
    anchored: Product, admin: Actor
) -> None:
    answers = in_pieces(anchored, admin)

    assert [(each.checked, each.total, each.next_cursor is None) for each in answers] == [
        (5, ENTRIES, False),
        (10, ENTRIES, False),
        (ENTRIES, ENTRIES, True),
    ]
    assert all(each.valid and each.checked_through for each in answers)


@pytest.mark.parametrize("number", [4, 5, 6, 11])
def test_an_edit_is_found_at_its_row_wherever_the_pieces_are_cut(
    written: Product, admin: Actor, number: int
) -> None:
    tamper(
        written.database,
        f"UPDATE integration_audit_logs SET action = 'nothing' WHERE sequence = {number}",
        f"UPDATE integration_audit_logs l SET hash = audit_hash(l) WHERE sequence = {number}",
    )

    assert [each.first_bad_sequence for each in in_pieces(written, admin)][-1] == number


def test_a_tail_cut_off_between_two_pieces_is_found(anchored: Product, admin: Actor) -> None:
    tamper(anchored.database, CUT, relink=True)

    assert in_pieces(anchored, admin, piece=8)[-1].first_bad_sequence == 9


def test_a_request_that_takes_too_long_ends_with_a_cursor_and_calls_nothing_whole(
    written: Product, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_verification, "_AT_ONCE", 2)
    slow = AuditVerifier(
        written.app.infrastructure.database,
        blobs=lambda: written.app.infrastructure.blobs,
        anchors=written.app.audit.anchors,
        clock=TickingClock(30),
    )

    found = slow.verify(actor=admin)

    assert (found.checked, found.total) == (2, ENTRIES)
    assert found.next_cursor


def test_a_cursor_of_another_list_is_refused(written: Product, admin: Actor) -> None:
    from banxway.errors import ValidationFailed

    with pytest.raises(ValidationFailed, match="cursor"):
        written.app.audit.verification.verify(actor=admin, cursor="abc")
