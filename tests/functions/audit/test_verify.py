"""Asking whether the audit trail is what was written."""

from functions.maintenance.sweep.app import handler as sweep
from tests.support.databases.tampering import tamper
from tests.support.product.events import tick
from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import PHONE, configure

PATH = "/api/v1/settings/audit-logs/verify"


def written(bundle):
    organization = bundle.database.add_organization()
    configure(bundle, organization.admin, "exotel_phone")
    for _ in range(3):
        bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)
    return organization


def test_a_trail_that_is_whole_is_valid(lone_bundle):
    organization = written(lone_bundle)
    entries = len(lone_bundle.get("/api/v1/settings/audit-logs", organization.admin).data)

    answer = lone_bundle.get(PATH, organization.manager)

    assert answer.json == {
        "success": True,
        "data": {
            "valid": True,
            "checked": entries,
            "total": entries,
            "checked_through": AN_INSTANT,
            "first_bad_sequence": None,
            "reason": None,
            "next_cursor": None,
        },
    }


def test_an_entry_edited_by_the_tables_owner_is_named(lone_bundle):
    organization = written(lone_bundle)
    tamper(lone_bundle.database, "UPDATE integration_audit_logs SET user_id = NULL WHERE sequence = 2")

    assert lone_bundle.get(PATH, organization.admin).data == {
        "valid": False,
        "checked": 1,
        "total": 4,
        "checked_through": AN_INSTANT,
        "first_bad_sequence": 2,
        "reason": "Entry 2 was altered: its content does not give its hash",
        "next_cursor": None,
    }


def test_a_tail_cut_off_is_known_from_the_sweepers_anchor(lone_bundle):
    organization = written(lone_bundle)
    lone_bundle.call(sweep, tick())
    tamper(lone_bundle.database, "DELETE FROM integration_audit_logs WHERE sequence > 2", relink=True)

    found = lone_bundle.get(PATH, organization.admin).data

    assert (found["valid"], found["first_bad_sequence"]) == (False, 3)


def test_agents_may_not_ask(lone_bundle):
    organization = lone_bundle.database.add_organization()

    assert lone_bundle.get(PATH, organization.agent).status == 403


def test_a_long_trail_is_verified_in_several_requests(lone_bundle, monkeypatch):
    monkeypatch.setattr("banxway.services.audit.verification._AT_ONCE", 2)
    monkeypatch.setattr(lone_bundle.app.audit.verification, "_piece", 3)
    organization = written(lone_bundle)

    first = lone_bundle.get(PATH, organization.admin).data
    second = lone_bundle.get(f"{PATH}?cursor={first['next_cursor']}", organization.admin).data

    assert (first["checked"], first["total"], first["valid"]) == (3, 4, True)
    assert (second["checked"], second["next_cursor"], second["valid"]) == (4, None, True)


def test_a_cursor_that_is_not_ours_is_refused(lone_bundle):
    organization = lone_bundle.database.add_organization()

    answer = lone_bundle.get(f"{PATH}?cursor=abc", organization.admin)

    assert (answer.status, answer.json["details"]["field"]) == (422, "cursor")
