"""Two people save the same form: the second one is refused and learns who was first, and nothing is lost."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from tests.support.databases.postgres import Organization
from tests.support.gates.routes import ROUTES
from tests.support.product.app import Answer, Bundle
from tests.support.product.stories import BODIES, MAILBOX, add_mailbox, configure
from tests.support.timing.racing import Background, held, patient, until_waiting

SETTINGS = "/api/v1/settings"
PHONE_AT = f"{SETTINGS}/integrations/exotel_phone"
NEW_KEY = base64.b64encode(b"n" * 32).decode()
OLD_KEY = "a" * 43 + "="
TAG = [{"type": "tag", "tag": "invoice"}]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a form shows: where it is read and saved, and what two people make of it."""

    operation: str
    saved_at: str
    bodies: tuple[dict[str, Any], dict[str, Any]]
    read: Callable[[], Any]
    version: Callable[[Any], str] = lambda shown: str(shown["version"])


def _rule(bundle: Bundle, admin: UUID, name: str) -> dict[str, Any]:
    body = {"name": name, "conditions": [], "actions": TAG}
    rule: dict[str, Any] = bundle.post(f"{SETTINGS}/email-rules", admin, body).data
    return rule


def _one(bundle: Bundle, admin: UUID, path: str, row_id: str) -> Any:
    return next(each for each in bundle.get(path, admin).data if each["id"] == row_id)


def configured(bundle: Bundle, organization: Organization) -> Setting:
    """An integration's credentials."""
    configure(bundle, organization.admin, "exotel_phone")
    typed = BODIES["exotel_phone"]
    return Setting(
        "POST /api/v1/settings/integrations/{type}",
        PHONE_AT,
        (typed | {"api_token": "another_token"}, typed | {"display_name": "Lost"}),
        lambda: bundle.get(PHONE_AT, organization.admin).data,
    )


def integration(bundle: Bundle, organization: Organization) -> Setting:
    """What an integration is called, and whether it is on."""
    configure(bundle, organization.admin, "exotel_phone")
    return Setting(
        "PATCH /api/v1/settings/integrations/{type}",
        PHONE_AT,
        ({"is_active": False}, {"display_name": "Lost"}),
        lambda: bundle.get(PHONE_AT, organization.admin).data,
    )


def permission(bundle: Bundle, organization: Organization) -> Setting:
    """What a user may do with an integration; nothing is stored at first."""
    at = f"{PHONE_AT}/permissions"
    bundle.database.rows("DELETE FROM user_integration_permissions WHERE user_id = %s", (organization.agent,))
    agent = {"user_id": str(organization.agent), "can_use": True}
    return Setting(
        "POST /api/v1/settings/integrations/{type}/permissions",
        at,
        (agent | {"daily_limit": 5}, agent | {"daily_limit": 9}),
        lambda: [
            row for row in bundle.get(at, organization.admin).data if row["user_id"] == agent["user_id"]
        ],
        lambda listed: listed[0]["version"] if listed else "absent",
    )


def mailbox(bundle: Bundle, organization: Organization) -> Setting:
    """A mailbox; the first change is of its password alone."""
    at = f"{SETTINGS}/email-accounts/{add_mailbox(bundle, organization.admin)['id']}"
    return Setting(
        "PATCH /api/v1/settings/email-accounts/{account_id}",
        at,
        ({"smtp_password": MAILBOX["smtp_password"] + "2"}, {"name": "Lost"}),
        lambda: bundle.get(at, organization.admin).data,
    )


def template(bundle: Bundle, organization: Organization) -> Setting:
    """A mail template."""
    body = {"name": "Delay", "subject": "Your shipment", "content_text": "It is late."}
    made = bundle.post(f"{SETTINGS}/email-templates", organization.admin, body).data
    at = f"{SETTINGS}/email-templates/{made['id']}"
    return Setting(
        "PATCH /api/v1/settings/email-templates/{template_id}",
        at,
        ({"subject": "Won"}, {"content_text": "Lost"}),
        lambda: bundle.get(at, organization.admin).data,
    )


def rule(bundle: Bundle, organization: Organization) -> Setting:
    """A rule for inbound mail."""
    at = f"{SETTINGS}/email-rules/{_rule(bundle, organization.admin, 'Invoices')['id']}"
    return Setting(
        "PATCH /api/v1/settings/email-rules/{rule_id}",
        at,
        ({"match": "any"}, {"name": "Lost"}),
        lambda: bundle.get(at, organization.admin).data,
    )


def order(bundle: Bundle, organization: Organization) -> Setting:
    """The order of the rules."""
    ids = [_rule(bundle, organization.admin, name)["id"] for name in ("One", "Two", "Three")]
    return Setting(
        "POST /api/v1/settings/email-rules/reorder",
        f"{SETTINGS}/email-rules/reorder",
        ({"rule_ids": ids[::-1]}, {"rule_ids": [ids[1], ids[0], ids[2]]}),
        lambda: bundle.get(f"{SETTINGS}/email-rules", organization.admin).data,
        lambda listed: str(listed[0]["order_version"]),
    )


def vacation(bundle: Bundle, organization: Organization) -> Setting:
    """A mailbox's vacation responder; nothing is stored at first."""
    at = f"{SETTINGS}/email-accounts/{add_mailbox(bundle, organization.admin)['id']}/vacation"
    return Setting(
        "PUT /api/v1/settings/email-accounts/{account_id}/vacation",
        at,
        ({"is_active": True, "content_text": "Won"}, {"is_active": True, "content_text": "Lost"}),
        lambda: bundle.get(at, organization.admin).data,
    )


def _number(bundle: Bundle, organization: Organization) -> str:
    configure(bundle, organization.admin, "exotel_phone")
    return str(bundle.get(f"{SETTINGS}/phone-numbers", organization.admin).data[0]["id"])


def number(bundle: Bundle, organization: Organization) -> Setting:
    """A phone number's name."""
    number_id = _number(bundle, organization)
    return Setting(
        "PATCH /api/v1/settings/phone-numbers/{number_id}",
        f"{SETTINGS}/phone-numbers/{number_id}",
        ({"display_name": "Won"}, {"display_name": "Lost"}),
        lambda: _one(bundle, organization.admin, f"{SETTINGS}/phone-numbers", number_id),
    )


def assignment(bundle: Bundle, organization: Organization) -> Setting:
    """The member who calls from a number."""
    number_id = _number(bundle, organization)
    return Setting(
        "POST /api/v1/settings/phone-numbers/{number_id}/assign",
        f"{SETTINGS}/phone-numbers/{number_id}/assign",
        ({"user_id": str(organization.agent)}, {"user_id": str(organization.manager)}),
        lambda: _one(bundle, organization.admin, f"{SETTINGS}/phone-numbers", number_id),
    )


def member(bundle: Bundle, organization: Organization) -> Setting:
    """A member."""
    return Setting(
        "PATCH /api/v1/settings/team/{user_id}",
        f"{SETTINGS}/team/{organization.agent}",
        ({"role": "manager"}, {"name": "Lost"}),
        lambda: _one(bundle, organization.admin, f"{SETTINGS}/team", str(organization.agent)),
    )


def name(bundle: Bundle, organization: Organization) -> Setting:
    """The organization's name."""
    at = f"{SETTINGS}/organization"
    return Setting(
        "PATCH /api/v1/settings/organization",
        at,
        ({"name": "Won"}, {"name": "Lost"}),
        lambda: bundle.get(at, organization.admin).data,
    )


KINDS = (
    configured, integration, permission, mailbox, template, rule, order, vacation, number, assignment, member, name,
)  # fmt: skip


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def setting(request: pytest.FixtureRequest, bundle: Bundle, organization: Organization) -> Setting:
    """A setting of each kind, in an organization with two admins."""
    bundle.database.rows(
        "UPDATE users SET role = 'admin', name = 'Rohit' WHERE id = %s", (organization.manager,)
    )
    bundle.database.rows("UPDATE users SET name = 'Asha' WHERE id = %s", (organization.admin,))
    kind: Callable[[Bundle, Organization], Setting] = request.param
    return kind(bundle, organization)


def save(bundle: Bundle, user: UUID, setting: Setting, body: object, version: str | None) -> Answer:
    """Save a form that shows a version, or one that shows none."""
    method = setting.operation.partition(" ")[0]
    headers = {} if version is None else {"if-match": f'"{version}"'}
    return bundle.request(method, setting.saved_at, user=user, body=body, headers=headers)


def times_asked(bundle: Bundle) -> int:
    """Return how often a provider was asked whether a login works."""
    return len(bundle.providers.voice.checked) + len(bundle.providers.mail_servers)


def test_exactly_the_routes_of_the_settings_that_forms_show_are_versioned(bundle, organization):
    kinds = {kind(bundle, bundle.database.add_organization()).operation for kind in KINDS}

    assert {str(route) for route in ROUTES if route.endpoint and route.endpoint.versioned} == kinds


def test_the_second_one_is_refused_and_learns_who_was_first(bundle, organization, setting):
    version = setting.version(setting.read())
    first = save(bundle, organization.admin, setting, setting.bodies[0], version)
    won, asked = setting.read(), times_asked(bundle)

    second = save(bundle, organization.manager, setting, setting.bodies[1], version)

    assert first.status in (200, 201)
    assert (second.status, second.json["code"]) == (409, "changed_meanwhile")
    assert second.json["error"] == "Asha has changed this meanwhile: read it again, then decide"
    assert second.json["details"]["changed_by"] == "Asha"
    assert second.json["details"]["changed_at"]
    assert setting.read() == won
    assert times_asked(bundle) == asked, "a provider was asked for a change that is refused"


def test_the_version_of_the_refusal_saves_over_the_first(bundle, organization, setting):
    version = setting.version(setting.read())
    save(bundle, organization.admin, setting, setting.bodies[0], version)
    refused = save(bundle, organization.manager, setting, setting.bodies[1], version)

    again = save(bundle, organization.manager, setting, setting.bodies[1], refused.json["details"]["version"])

    assert again.status in (200, 201)


def test_the_answer_of_a_change_has_the_version_of_the_next(bundle, organization, setting):
    first = save(bundle, organization.admin, setting, setting.bodies[0], setting.version(setting.read())).data
    version = first[0]["order_version"] if isinstance(first, list) else first["version"]

    assert version == setting.version(setting.read())
    assert save(bundle, organization.admin, setting, setting.bodies[1], version).status in (200, 201)


def test_without_a_version_the_last_one_wins(bundle, organization, setting):
    answers = [save(bundle, organization.admin, setting, body, None).status for body in setting.bodies]

    assert set(answers) <= {200, 201}


@pytest.mark.parametrize(
    "given", ["no quotes", 'W/"weak"', '"one", "two"', "*", '""', '"a b"', f'"{"x" * 101}"']
)
def test_a_header_that_is_not_one_version_is_refused_by_name(bundle, organization, given):
    path = f"{SETTINGS}/organization"

    answer = bundle.request(
        "PATCH", path, user=organization.admin, body={"name": "Lost"}, headers={"if-match": given}
    )

    assert (answer.status, answer.json["code"]) == (422, "validation_failed")
    assert answer.json["details"]["field"] == "If-Match"


def test_of_two_at_once_one_wins_and_the_other_is_refused(bundle, organization, setting):
    """Both have the form of the same version; the first one is held in the middle of its transaction."""
    version = setting.version(setting.read())
    racers = [bundle.twin() for _ in setting.bodies]

    def race(racer: Bundle, user: UUID, body: object) -> Answer:
        patient(racer.app)
        try:
            return save(racer, user, setting, body, version)
        finally:
            racer.close()

    # Every change ends with its entry in the audit trail, which waits for the entry before.
    organization_id = organization.id
    bundle.app.infrastructure.database.release()
    bundle.database.rows(
        "INSERT INTO integration_audit_heads VALUES (%s, 0, repeat('0', 64)) ON CONFLICT DO NOTHING",
        (organization_id,),
    )
    head = "SELECT FROM integration_audit_heads WHERE organization_id = %s FOR UPDATE"
    users = (organization.admin, organization.manager)
    with held(bundle.database, head, (organization_id,)):
        racing = []
        for position, racer in enumerate(racers):
            act = lambda at=position, racer=racer: race(racer, users[at], setting.bodies[at])  # noqa: E731
            racing.append(Background(act))
            until_waiting(bundle.database, position + 1)
    answers = [each.result() for each in racing]

    assert [answer.status for answer in answers] in ([200, 409], [201, 409])
    assert answers[1].json["code"] == "changed_meanwhile"


def test_a_version_says_nothing_of_another_organization(bundle, organization):
    stranger = bundle.database.add_organization()
    at = f"{SETTINGS}/organization"
    bundle.request("PATCH", at, user=stranger.admin, body={"name": "Theirs"})

    answer = bundle.request(
        "PATCH", at, user=organization.admin, body={"name": "Ours"}, headers={"if-match": '"stale"'}
    )

    assert (answer.status, answer.json["details"]["changed_by"]) == (409, None)
    assert answer.json["error"] == "Somebody else has changed this meanwhile: read it again, then decide"


def test_rotation_of_the_keys_changes_no_version(bundle, organization):
    """Nobody has changed a setting, so a form that was open during the rotation is saved."""
    account = add_mailbox(bundle, organization.admin)
    at = f"{SETTINGS}/email-accounts/{account['id']}"
    envelope = f"SELECT credentials_encrypted FROM email_accounts WHERE id = '{account['id']}'"
    before = bundle.database.rows(envelope)
    rotating = bundle.twin(encryption_master_key=NEW_KEY, encryption_previous_master_key=OLD_KEY)
    rotating.post(f"{SETTINGS}/encryption/rotate", organization.admin)
    rotating.work("rotation")

    shown = rotating.get(at, organization.admin).data
    rotating.close()

    assert bundle.database.rows(envelope) != before
    assert shown["version"] == account["version"]
