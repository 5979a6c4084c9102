"""The diagnosis as an endpoint; what it finds is tests/banxway/services/status/diagnosis' business."""

import pytest

from tests.support.gates.recorded_events import event
from tests.support.product.app import token
from tests.support.product.stories import add_mailbox, configure

PATH = "/api/v1/settings/diagnostics"


@pytest.mark.parametrize("role", ["admin", "manager"])
def test_admins_and_managers_may_ask(bundle, organization, role):
    answer = bundle.get(PATH, getattr(organization, role))

    assert answer.status == 200
    assert set(answer.data) == {"checked_at", "healthy", "findings", "checks", "groups"}


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
        "group": "webhooks",
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
    assert all(set(check) == {"name", "group", "subject", "ok", "duration_ms"} for check in checks)


def test_the_recorded_event_is_answered(bundle, organization):
    from functions.status.get_diagnostics.app import handler

    answer = bundle.call(handler, event("status/get_diagnostics__all", token=token(organization.manager)))

    assert answer["statusCode"] == 200


def groups_of(answer):
    return {each["name"]: (each["state"], each["not_checked_because"]) for each in answer.data["groups"]}


def test_every_group_says_how_it_stands_and_why_it_was_not_checked(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    broken = bundle.twin(webhook_secret=None)

    answer = broken.get(PATH, organization.manager)
    broken.close()

    groups = groups_of(answer)
    assert list(groups)[:4] == ["exotel", "whatsapp", "mailboxes", "webhooks"]
    assert groups["exotel"] == ("pass", None)
    assert groups["webhooks"] == ("fail", None)
    assert groups["database"] == ("pass", None)
    assert groups["whatsapp"] == ("not_checked", "not_configured")
    assert groups["mailboxes"] == ("not_checked", "not_configured")


def test_one_group_is_tested_again_alone(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    broken = bundle.twin(webhook_secret=None)

    answer = broken.get(f"{PATH}?group=exotel", organization.manager)
    broken.close()

    assert {each["group"] for each in answer.data["checks"]} == {"exotel"}
    assert (answer.data["findings"], answer.data["healthy"]) == ([], True)
    assert groups_of(answer)["exotel"] == ("pass", None)
    assert groups_of(answer)["webhooks"] == ("not_checked", "not_asked")


def test_testing_another_group_asks_no_mail_server_and_calls_none_silent(bundle, organization):
    add_mailbox(bundle, organization.admin)

    answer = bundle.get(f"{PATH}?group=queues", organization.manager)

    assert [each["code"] for each in answer.data["findings"] if each["group"] == "mailboxes"] == []
    assert groups_of(answer)["mailboxes"] == ("not_checked", "not_asked")


def test_an_unknown_group_is_refused_by_name(bundle, organization):
    answer = bundle.get(f"{PATH}?group=weather", organization.manager)

    assert (answer.status, answer.json["details"]["field"]) == (422, "group")
