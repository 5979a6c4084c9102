"""Integrations: nothing unproven is saved, nothing saved is readable, and nothing sealed opens elsewhere."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.databases.tables import everything_in
from tests.support.product.app import Bundle, bundle_of
from tests.support.product.fakes import a_number, a_template, refused
from tests.support.product.stories import PHONE, WHATSAPP, configure
from tests.support.product.traces import traces_of

_SECRETS = {"api_key": "canary-key-5f0c", "api_token": "canary-token-91ab", "account_sid": "canarysid77"}


@pytest.fixture
def bundle(test_database: TestDatabase, tmp_path: Path) -> Iterator[Bundle]:
    with bundle_of(test_database, tmp_path) as bundle:
        yield bundle


def _rows(bundle: Bundle) -> list[dict[str, Any]]:
    return bundle.database.rows("SELECT * FROM integration_credentials ORDER BY integration_type")


def _save(bundle: Bundle, user: UUID, integration_type: str, **changes: Any) -> int:
    body = {"exotel_phone": PHONE, "exotel_whatsapp": WHATSAPP}[integration_type] | changes
    return bundle.post(f"/api/v1/settings/integrations/{integration_type}", user, body).status


def _audited(bundle: Bundle, action: str) -> list[str]:
    rows = bundle.database.rows(
        "SELECT status FROM integration_audit_logs WHERE action = %s ORDER BY sequence", (action,)
    )
    return [row["status"] for row in rows]


@pytest.mark.parametrize("integration_type", ["exotel_phone", "exotel_whatsapp"])
def test_credentials_that_do_not_work_are_not_saved(
    bundle: Bundle, organization: Organization, integration_type: str
) -> None:
    for fake in (bundle.providers.voice, bundle.providers.whatsapp):
        fake.checking.always(refused(errors.ProviderDenied, "Invalid credentials"))

    assert _save(bundle, organization.admin, integration_type) == 422

    assert _rows(bundle) == []
    assert bundle.database.rows("SELECT * FROM organization_phone_numbers") == []
    assert _audited(bundle, "integration.configure") == ["failed"]


@pytest.mark.parametrize("integration_type", ["exotel_phone", "exotel_whatsapp"])
def test_a_change_that_is_refused_leaves_the_former_credentials_at_work(
    bundle: Bundle, organization: Organization, integration_type: str
) -> None:
    configure(bundle, organization.admin, integration_type)
    before = _rows(bundle)
    for fake in (bundle.providers.voice, bundle.providers.whatsapp):
        fake.checking.then(refused(errors.ProviderDenied, "Invalid credentials"))

    assert _save(bundle, organization.admin, integration_type, api_token="wrong") == 422

    assert _rows(bundle) == before
    assert _audited(bundle, "integration.configure") == ["success", "failed"]


def test_a_number_list_that_fails_leaves_nothing_half_saved(
    bundle: Bundle, organization: Organization
) -> None:
    bundle.providers.voice.listing.then(refused(errors.ProviderTimeout, "No answer"))

    assert _save(bundle, organization.admin, "exotel_phone") == 504

    assert _rows(bundle) == []


def test_a_change_replaces_the_credentials_of_the_same_integration(
    bundle: Bundle, organization: Organization
) -> None:
    first = configure(bundle, organization.admin, "exotel_whatsapp")
    before = _rows(bundle)[0]["credentials_encrypted"]

    second = configure(bundle, organization.admin, "exotel_whatsapp", api_token="another")

    (row,) = _rows(bundle)
    assert first["id"] == second["id"] == str(row["id"])
    assert row["credentials_encrypted"] != before


# What is stored (Shows 4).


def test_no_secret_is_in_any_column_of_the_database(bundle: Bundle, organization: Organization) -> None:
    configure(bundle, organization.admin, "exotel_phone", **_SECRETS)
    configure(bundle, organization.admin, "exotel_whatsapp", **_SECRETS)
    bundle.providers.voice.checking.then(refused(errors.ProviderDenied, f"{_SECRETS['api_key']} is wrong"))
    _save(bundle, organization.admin, "exotel_phone", **_SECRETS)

    stored = "\n".join(line for _, line in everything_in(bundle.database))
    assert "exotel_phone" in stored
    assert {name: traces_of(_SECRETS[name], stored) for name in ("api_key", "api_token")} == {
        "api_key": [],
        "api_token": [],
    }


def test_what_is_stored_is_base64_of_an_envelope_that_differs_every_time(
    bundle: Bundle, organization: Organization
) -> None:
    seen = set()
    for _ in range(3):
        configure(bundle, organization.admin, "exotel_phone", **_SECRETS)
        text = _rows(bundle)[0]["credentials_encrypted"]
        base64.b64decode(text, validate=True)
        seen.add(text)

    assert len(seen) == 3


@pytest.mark.parametrize("where", ["another organization's row", "another row of the same organization"])
def test_a_ciphertext_copied_to_another_row_does_not_open_there(
    bundle: Bundle, organization: Organization, where: str
) -> None:
    stranger = bundle.database.add_organization("Other")
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1")
    configure(bundle, organization.admin, "exotel_phone")
    configure(bundle, stranger.admin, "exotel_phone")
    (taken,) = bundle.database.rows(
        """SELECT credentials_encrypted AS text FROM integration_credentials
           WHERE organization_id = %s AND integration_type = 'exotel_whatsapp'""",
        (organization.id,),
    )
    owner = stranger if where == "another organization's row" else organization
    bundle.database.rows(
        """UPDATE integration_credentials SET credentials_encrypted = %s
           WHERE organization_id = %s AND integration_type = 'exotel_phone'""",
        (taken["text"], owner.id),
    )
    bundle.providers.exotel_accounts.clear()

    answer = bundle.post("/api/v1/settings/integrations/exotel_phone/sync", owner.admin)

    assert (answer.status, answer.json["code"]) == (500, "corrupt_envelope")
    assert bundle.providers.exotel_accounts == []
    # The one it was copied from still works.
    assert (
        bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin).status
        == 200
    )


def test_a_wrong_master_key_says_so_and_breaks_nothing_else(
    bundle: Bundle, organization: Organization
) -> None:
    configure(bundle, organization.admin, "exotel_phone")
    other = bundle.twin(encryption_master_key="c" * 43 + "=")

    answer = other.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin)
    listed = other.get("/api/v1/settings/integrations", organization.agent)
    numbers = other.get("/api/v1/settings/phone-numbers", organization.agent)
    other.close()

    assert (answer.status, answer.json["code"]) == (500, "wrong_key")
    assert "key" in answer.json["error"]
    assert (listed.status, numbers.status) == (200, 200)
    assert bundle.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin).status == 200


# What is synced.


def test_numbers_that_are_gone_at_the_provider_become_inactive_and_come_back(
    bundle: Bundle, organization: Organization
) -> None:
    voice = bundle.providers.voice
    voice.numbers = [a_number("08047100001"), a_number("08047100002")]
    configure(bundle, organization.admin, "exotel_phone", virtual_number="08047100002")
    states = []
    for numbers in (["08047100001"], ["08047100001", "08047100002", "08047100003"], []):
        voice.numbers = [a_number(number) for number in numbers]
        bundle.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin)
        states.append(
            bundle.database.rows(
                """SELECT right(phone_number, 1) AS n, is_primary FROM organization_phone_numbers
                   WHERE is_active ORDER BY phone_number"""
            )
        )

    assert [[row["n"] for row in state] for state in states] == [["1"], ["1", "2", "3"], []]
    assert [[row["is_primary"] for row in state] for state in states] == [[True], [True, False, False], []]


def test_a_name_given_here_survives_a_sync(bundle: Bundle, organization: Organization) -> None:
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows("UPDATE organization_phone_numbers SET display_name = 'Front desk'")

    synced = bundle.post("/api/v1/settings/integrations/exotel_phone/sync", organization.admin).data

    (row,) = bundle.database.rows("SELECT display_name FROM organization_phone_numbers")
    assert row == {"display_name": "Front desk"}
    assert (synced["synced_numbers"], synced["new_numbers"], synced["updated_numbers"]) == (1, 0, 1)


def test_templates_become_those_of_the_provider(bundle: Bundle, organization: Organization) -> None:
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1")
    whatsapp = bundle.providers.whatsapp
    whatsapp.templates = [a_template("one", body="{{1}} {{3}}"), a_template("two")]
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)
    whatsapp.templates = [a_template("two", status="rejected"), a_template("three", body="no places")]

    synced = bundle.post(
        "/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin
    ).data

    stored = bundle.database.rows("SELECT name, status, variables FROM whatsapp_templates ORDER BY name")
    assert stored == [
        {"name": "three", "status": "approved", "variables": 0},
        {"name": "two", "status": "rejected", "variables": 2},
    ]
    assert (synced["new_templates"], synced["updated_templates"], synced["removed_templates"]) == (1, 1, 1)


def test_a_sync_of_one_organization_leaves_the_others_alone(
    bundle: Bundle, organization: Organization
) -> None:
    stranger = bundle.database.add_organization("Other")
    for admin in (organization.admin, stranger.admin):
        configure(bundle, admin, "exotel_whatsapp", waba_id="1")
    bundle.providers.whatsapp.templates = [a_template("one")]
    for admin in (organization.admin, stranger.admin):
        bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", admin)

    bundle.providers.whatsapp.templates = []
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)

    (left,) = bundle.database.rows("SELECT organization_id FROM whatsapp_templates")
    assert left["organization_id"] == stranger.id


def test_a_deleted_integration_leaves_its_numbers_inactive_and_its_history(
    bundle: Bundle, organization: Organization
) -> None:
    configure(bundle, organization.admin, "exotel_phone")

    answer = bundle.request("DELETE", "/api/v1/settings/integrations/exotel_phone", user=organization.admin)

    assert answer.status == 200
    assert _rows(bundle) == []
    (number,) = bundle.database.rows(
        "SELECT is_active, is_primary, integration_id FROM organization_phone_numbers"
    )
    assert number == {"is_active": False, "is_primary": False, "integration_id": None}
    assert _audited(bundle, "integration.delete") == ["success"]
    assert _audited(bundle, "integration.configure") == ["success"]
