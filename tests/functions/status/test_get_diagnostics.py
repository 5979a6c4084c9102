"""The diagnosis as an endpoint; what it finds is tests/banxway/services/status/diagnosis' business."""

import pytest

from tests.support.gates.recorded_events import event
from tests.support.product.app import token

PATH = "/api/v1/settings/diagnostics"


@pytest.mark.parametrize("role", ["admin", "manager"])
def test_admins_and_managers_may_ask(bundle, organization, role):
    answer = bundle.get(PATH, getattr(organization, role))

    assert answer.status == 200
    assert set(answer.data) == {"checked_at", "healthy", "findings", "checks"}


def test_an_agent_may_not_ask(bundle, organization):
    answer = bundle.get(PATH, organization.agent)

    assert (answer.status, answer.json["details"]["permission"]) == (403, "diagnostics:view")


def test_a_finding_has_everything_that_it_takes_to_repair_it(bundle, organization):
    broken = bundle.twin(webhook_secret=None)

    answer = broken.get(PATH, organization.manager)
    broken.close()

    finding = next(each for each in answer.data["findings"] if each["code"] == "webhook_secret_missing")
    assert answer.data["healthy"] is False
    assert finding == {
        "code": "webhook_secret_missing",
        "area": "webhooks",
        "subject": "WEBHOOK_SECRET",
        "severity": "error",
        "symptom": finding["symptom"],
        "evidence": "WEBHOOK_SECRET is empty",
        "cause": finding["cause"],
        "fix": "Set WEBHOOK_SECRET to a long random text, the same for all functions",
        "guide_issue": 8,
    }


def test_a_check_says_what_was_asked_and_how_long_it_took(bundle, organization):
    checks = bundle.get(PATH, organization.manager).data["checks"]

    assert ["database", "migrations"] in [[check["name"], check["subject"]] for check in checks]
    assert all(set(check) == {"name", "subject", "ok", "duration_ms"} for check in checks)


def test_the_recorded_event_is_answered(bundle, organization):
    from functions.status.get_diagnostics.app import handler

    answer = bundle.call(handler, event("status/get_diagnostics__all", token=token(organization.manager)))

    assert answer["statusCode"] == 200
