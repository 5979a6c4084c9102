"""The monthly archive."""

from functions.audit.archive.app import handler
from tests.support.databases.tampering import tamper
from tests.support.product.events import tick
from tests.support.product.stories import configure


def test_old_entries_are_archived_once_and_stay(lone_bundle):
    organization = lone_bundle.database.add_organization()
    configure(lone_bundle, organization.admin, "exotel_phone")
    entries = len(lone_bundle.get("/api/v1/settings/audit-logs", organization.admin).data)
    tamper(
        lone_bundle.database,
        "UPDATE integration_audit_logs SET created_at = created_at - interval '91 days'",
        relink=True,
    )

    first = lone_bundle.call(handler, tick())
    second = lone_bundle.call(handler, tick())

    assert first == {"found": f"Archived(entries={entries}, broken=0)"}
    assert second == {"found": "Archived(entries=0, broken=0)"}
    verified = lone_bundle.get("/api/v1/settings/audit-logs/verify", organization.admin).data
    assert (verified["valid"], verified["checked"], verified["next_cursor"]) == (True, entries, None)


def test_young_entries_wait(lone_bundle):
    configure(lone_bundle, lone_bundle.database.add_organization().admin, "exotel_phone")

    assert lone_bundle.call(handler, tick()) == {"found": "Archived(entries=0, broken=0)"}
