"""The audit trail is read newest first, page by page, and only the actor's own organization's."""

import pytest

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.audit.audit import AuditQuery
from banxway.models.pages import Cursors
from banxway.storage.audit import trail as audit
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product

_AUDIT = Cursors("audit")


def _write(product: Product, organization: Organization, count: int) -> None:
    for number in range(count):
        with product.app.infrastructure.database.organization(organization.id) as transaction:
            audit.append(
                transaction,
                organization_id=organization.id,
                integration_type="exotel_phone" if number % 2 else "exotel_whatsapp",
                action="integration.test",
                succeeded=number % 3 == 0,
                details={"number": number},
            )


def _pages(product: Product, actor: Actor, limit: int, **filters: str) -> list[list[int]]:
    pages, cursor = [], None
    while True:
        page = product.app.audit.trail.list_page(
            actor=actor, query=AuditQuery(limit=limit, cursor=cursor, **filters)
        )
        pages.append([entry.sequence for entry in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_pages_show_every_entry_once_the_newest_first(
    product: Product, admin: Actor, organization: Organization, limit: int
) -> None:
    _write(product, organization, 7)

    pages = _pages(product, admin, limit)

    assert [sequence for page in pages for sequence in page] == [7, 6, 5, 4, 3, 2, 1]
    assert all(len(page) == limit for page in pages[:-1])


def test_an_entry_written_meanwhile_moves_no_page(
    product: Product, admin: Actor, organization: Organization
) -> None:
    _write(product, organization, 4)
    first = product.app.audit.trail.list_page(actor=admin, query=AuditQuery(limit=2))
    _write(product, organization, 3)

    second = product.app.audit.trail.list_page(
        actor=admin, query=AuditQuery(limit=2, cursor=first.next_cursor)
    )

    assert [entry.sequence for entry in (*first.rows, *second.rows)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("filters", "sequences"),
    [
        ({"integration_type": "exotel_phone"}, [6, 4, 2]),
        ({"status": "success"}, [4, 1]),
        ({"status": "failed", "integration_type": "exotel_phone"}, [6, 2]),
        ({"action": "nothing"}, []),
    ],
    ids=["type", "outcome", "both", "none"],
)
def test_a_filter_leaves_out_the_rest_across_pages(
    product: Product, admin: Actor, organization: Organization, filters: dict[str, str], sequences: list[int]
) -> None:
    _write(product, organization, 6)

    assert [one for page in _pages(product, admin, 2, **filters) for one in page] == sequences


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "",
        _AUDIT.write("x"),
        _AUDIT.write(1, 2),
        _AUDIT.write(10**30),
        Cursors("threads").write(1),
    ],
)
def test_a_cursor_of_somebody_elses_making_is_refused(product: Product, admin: Actor, cursor: str) -> None:
    with pytest.raises(ValidationFailed):
        product.app.audit.trail.list_page(actor=admin, query=AuditQuery(cursor=cursor))


def test_another_organizations_entries_are_not_there(
    product: Product, admin: Actor, organization: Organization
) -> None:
    _write(product, product.database.add_organization("Other"), 3)

    assert _pages(product, admin, 50) == [[]]
