"""Groups of dead letters."""

from uuid import uuid4

from banxway.models.queue_items import MessageDue, RotationDue
from tests.functions.messages.test_deliver import sent_message
from tests.support.product.dead_letters import give_up, groups


def unknown_message(organization):
    return MessageDue(organization_id=organization.id, message_id=uuid4())


def test_those_of_one_queue_and_cause_are_one_group(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    give_up(bundle, MessageDue(organization_id=organization.id, message_id=message_id))
    give_up(bundle, unknown_message(organization))
    give_up(bundle, unknown_message(organization), cause="stopped")
    give_up(bundle, RotationDue(organization_id=organization.id))

    found = {(group["queue"], group["cause"]): group for group in groups(bundle, organization.manager)}

    assert {key: group["count"] for key, group in found.items()} == {
        ("message", "unexpected"): 2,
        ("message", "stopped"): 1,
        ("rotation", "unexpected"): 1,
    }
    group = found["message", "unexpected"]
    assert (group["work"], group["customers"]) == ("Sending messages", 1)
    assert (group["first_failed_at"], group["last_failed_at"]) == (
        "2026-01-15T09:30:00Z",
        "2026-01-15T11:30:00Z",
    )
    assert group["advice"].startswith("This is a fault of the product.")


def test_settled_ones_are_listed_only_when_asked_for(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    group = {"queue": "rotation", "cause": "unexpected"}

    bundle.post("/api/v1/settings/dead-letters/redrive", organization.admin, {**group, "dry_run": False})

    assert groups(bundle, organization.admin) == []
    (redriven,) = groups(bundle, organization.admin, "redriven")
    assert redriven["count"] == 1


def test_the_diagnosis_counts_them_and_names_the_page(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))

    report = bundle.get("/api/v1/settings/diagnostics", organization.manager).data

    (finding,) = [each for each in report["findings"] if each["code"] == "dead_letters"]
    assert finding["fix"].startswith("Open /operations/dead-letters")
    assert "rotation" in str(finding)
