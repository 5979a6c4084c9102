"""Reading the audit trail."""

from datetime import UTC
from urllib.parse import urlencode

import pytest

from tests.support.product.matching import A_HASH, A_UUID, AN_INSTANT
from tests.support.product.stories import PHONE, configure

PATH = "/api/v1/settings/audit-logs"


def test_an_entry_says_who_did_what_when(bundle, organization):
    bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)

    answer = bundle.get(PATH, organization.manager)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": [
            {
                "id": A_UUID,
                "sequence": 1,
                "user_id": str(organization.admin),
                "user_name": f"admin@{organization.id.hex[:8]}.example",
                "integration_type": "exotel_phone",
                "action": "integration.test",
                "status": "success",
                "details": {},
                "is_cut": False,
                "created_at": AN_INSTANT,
                "hash": A_HASH,
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


def test_entries_come_in_pages_the_newest_first(bundle, organization):
    for _ in range(3):
        bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)

    first = bundle.get(f"{PATH}?limit=2", organization.admin)
    second = bundle.get(f"{PATH}?limit=2&cursor={first.json['next_cursor']}", organization.admin)

    assert [entry["sequence"] for entry in first.data] == [3, 2]
    assert [entry["sequence"] for entry in second.data] == [1]
    assert second.json["next_cursor"] is None


def test_entries_can_be_filtered(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)

    by_action = bundle.get(f"{PATH}?action=integration.test", organization.admin).data
    by_type = bundle.get(f"{PATH}?integration_type=exotel_whatsapp", organization.admin).data
    by_status = bundle.get(f"{PATH}?status=failed", organization.admin).data

    assert [entry["action"] for entry in by_action] == ["integration.test"]
    assert (by_type, by_status) == ([], [])


def test_entries_can_be_filtered_by_user_and_time(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.post("/api/v1/settings/integrations/exotel_phone/test", organization.admin, PHONE)
    (last,) = bundle.database.rows(
        """SELECT created_at FROM integration_audit_logs WHERE organization_id = %s
           ORDER BY sequence DESC LIMIT 1""",
        (organization.id,),
    )
    # Of a span of time the first moment belongs to it, the last does not.
    before = last["created_at"].astimezone(UTC)

    def listed(**query: object) -> list[str]:
        found = bundle.get(f"{PATH}?{urlencode(query)}", organization.admin).data
        return [entry["action"] for entry in found]

    everything = listed()
    assert everything[0] == "integration.test"
    assert listed(user_id=organization.admin) == everything
    assert listed(user_id=organization.agent) == []
    assert listed(since=before.isoformat()) == ["integration.test"]
    assert listed(until=before.isoformat()) == everything[1:]
    assert listed(since=before.replace(tzinfo=None).isoformat(), action="integration.test") == [
        "integration.test"
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("user_id=me", "user_id"),
        ("since=yesterday", "since"),
        ("until=2026-13-01", "until"),
        ("since=2026-02-01&until=2026-01-01", "until"),
        ("cursor=nonsense", "cursor"),
        ("colour=red", "colour"),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}/export"], ids=["list", "export"])
def test_a_filter_that_makes_no_sense_is_named(bundle, organization, path, query, field):
    answer = bundle.get(f"{path}?{query}", organization.admin)

    assert (answer.status, answer.json["details"]["field"]) == (422, field), answer.text


def test_another_organizations_entries_are_not_shown(bundle, organization):
    configure(bundle, bundle.database.add_organization("Other").admin, "exotel_phone")

    assert bundle.get(PATH, organization.admin).data == []
