"""What makes an integration unverified, what verifies it again, and that every word on it is true."""

import pytest

from banxway.errors import ProviderDenied, ProviderUnavailable
from banxway.reasons import Reason
from banxway.services.status.diagnosis.catalogue import CAUSES
from tests.support.product.fakes import refused
from tests.support.product.stories import BODIES, CUSTOMER, SUPPORT, WHATSAPP, configure, customer_wrote

ONE = "/api/v1/settings/integrations/{}"
TEST = "/api/v1/settings/integrations/{}/test"
MESSAGES = "/api/v1/communications/threads/{}/messages"
TEXT = {"channel": "WHATSAPP", "content": "On its way", "to": CUSTOMER}
FIX = CAUSES["exotel_invalid_credentials"].fix


def denied():
    return refused(
        ProviderDenied,
        "Invalid credentials",
        provider_status=401,
        provider_message="Authentication failed",
        reason=Reason.INVALID_CREDENTIALS,
    )


def badge(bundle, organization, kind="exotel_whatsapp"):
    shown = bundle.get(ONE.format(kind), organization.agent).data
    return shown["status"], shown["unverified_because"]


def notified(bundle, organization):
    found = bundle.get("/api/v1/settings/notifications", organization.admin).data
    return [each["sentence"] for each in found if each["kind"] == "integration_failed"]


def refused_send(bundle, organization):
    """Let a send be refused for its credentials; returns the thread."""
    thread = customer_wrote(bundle, organization)
    bundle.providers.whatsapp.sending.then(denied())
    bundle.post(MESSAGES.format(thread), organization.admin, TEXT)
    bundle.work("message")
    return thread


def test_a_refused_send_is_notified_as_one_and_never_as_a_failed_test(bundle, organization):
    refused_send(bundle, organization)

    status = bundle.get("/api/v1/settings/configuration-status", organization.agent).data["whatsapp"]
    (sentence,) = notified(bundle, organization)

    reason = f"The provider refused a message: Invalid credentials. {FIX}"
    assert badge(bundle, organization) == ("Unverified", reason)
    assert status["missing"] == [
        {
            "what": f"WhatsApp is unverified. {reason}. Test it again",
            "fix": "/settings/integrations?tab=whatsapp",
        }
    ]
    assert sentence.startswith("Exotel refused the credentials of WhatsApp while sending: Invalid")
    assert sentence.endswith(
        "Then test it again, or enter working credentials, under /settings/integrations?tab=whatsapp"
    )


def test_a_message_that_is_taken_verifies_again_at_once(bundle, organization):
    thread = refused_send(bundle, organization)

    bundle.post(MESSAGES.format(thread), organization.admin, TEXT)
    bundle.work("message")

    assert badge(bundle, organization) == ("Active", None)
    assert notified(bundle, organization) == []


@pytest.mark.parametrize("raw", [None, "", "{}", " { } "], ids=["none", "empty", "object", "spaces"])
def test_a_test_without_a_body_tries_what_is_stored_and_verifies_it_at_once(bundle, organization, raw):
    refused_send(bundle, organization)

    answer = bundle.request("POST", TEST.format("exotel_whatsapp"), user=organization.admin, raw=raw)

    assert (answer.status, answer.json["message"]) == (200, "WhatsApp connection verified")
    assert bundle.providers.exotel_accounts[-1].api_token == "your_api_token"
    assert badge(bundle, organization) == ("Active", None)
    assert notified(bundle, organization) == []


def test_the_stored_credentials_typed_again_verify_at_once_and_others_do_not(bundle, organization):
    refused_send(bundle, organization)

    other = bundle.post(
        TEST.format("exotel_whatsapp"), organization.admin, WHATSAPP | {"api_token": "another_token"}
    )
    after_other = badge(bundle, organization)[0]
    same = bundle.post(TEST.format("exotel_whatsapp"), organization.admin, WHATSAPP)

    assert (other.status, after_other) == (200, "Unverified")
    assert (same.status, badge(bundle, organization)) == (200, ("Active", None))


def test_the_stored_credentials_with_another_number_prove_nothing_of_what_is_stored(bundle, organization):
    refused_send(bundle, organization)

    bundle.post(
        TEST.format("exotel_whatsapp"), organization.admin, WHATSAPP | {"whatsapp_number": "+919999999999"}
    )

    assert badge(bundle, organization)[0] == "Unverified"


@pytest.mark.parametrize("kind", BODIES)
def test_every_type_that_was_saved_by_force_is_verified_by_its_test(bundle, organization, kind):
    configure(bundle, organization.admin, kind, force=True)
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false WHERE organization_id = %s",
        (organization.id,),
    )
    bundle.database.rows(
        "UPDATE email_accounts SET is_verified = false WHERE organization_id = %s", (organization.id,)
    )

    answer = bundle.post(TEST.format(kind), organization.admin)

    mailboxes = bundle.get("/api/v1/settings/email-accounts", organization.admin).data
    assert answer.status == 200
    assert badge(bundle, organization, kind) == ("Active", None)
    assert [each["is_verified"] for each in mailboxes] == [True] * (kind == "zoho_mail")


def test_a_stored_test_that_the_provider_refuses_says_why_and_what_to_do(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.providers.whatsapp.checking.then(denied())

    answer = bundle.post(TEST.format("exotel_whatsapp"), organization.admin)

    (sentence,) = notified(bundle, organization)
    assert (answer.status, answer.json["code"], answer.json["details"]["fix"]) == (
        422,
        "provider_denied",
        FIX,
    )
    assert badge(bundle, organization) == (
        "Unverified",
        f"Its last test failed: Invalid credentials. {FIX}",
    )
    assert sentence.startswith("The test of WhatsApp failed: Invalid credentials.")


def test_a_stored_test_that_nobody_answers_says_nothing_of_the_credentials(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.providers.whatsapp.checking.then(refused(ProviderUnavailable, "Exotel does not answer"))

    answer = bundle.post(TEST.format("exotel_whatsapp"), organization.admin)

    assert answer.status == 503
    assert badge(bundle, organization) == ("Active", None)


def test_nothing_stored_is_nothing_to_test(bundle, organization):
    answer = bundle.post(TEST.format("exotel_phone"), organization.admin)

    assert (answer.status, answer.json["error"]) == (
        404,
        "Integration not found: save it first, or send the credentials to test",
    )


def test_only_an_admin_may_test_what_is_stored_and_only_their_own(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    other = bundle.database.add_organization("Other")

    by_role = [
        bundle.post(TEST.format("exotel_phone"), user).status
        for user in (organization.manager, organization.agent, other.admin)
    ]

    assert by_role == [403, 403, 404]


def test_a_stored_test_is_audited(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")

    bundle.post(TEST.format("exotel_phone"), organization.admin)

    entry = bundle.get("/api/v1/settings/audit-logs", organization.admin).data[0]
    assert (entry["action"], entry["status"]) == ("integration.test", "success")


def test_a_send_with_the_former_credentials_proves_nothing_of_the_live_ones(bundle, organization):
    thread = customer_wrote(bundle, organization)
    configure(bundle, organization.admin, "exotel_whatsapp", api_token="forced_token", force=True)
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false WHERE organization_id = %s",
        (organization.id,),
    )
    bundle.providers.whatsapp.sending.then(denied())

    bundle.post(MESSAGES.format(thread), organization.admin, TEXT)
    bundle.work("message")

    assert bundle.providers.exotel_accounts[-1].api_token == "your_api_token"
    assert badge(bundle, organization)[0] == "Unverified"


def test_a_refused_send_answers_with_the_code_of_refused_credentials_and_with_advice(
    bundle, organization, worker_beside
):
    thread = customer_wrote(bundle, organization)
    bundle.providers.whatsapp.sending.then(denied())

    with worker_beside(bundle):
        answer = bundle.post(MESSAGES.format(thread), organization.agent, TEXT)

    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"][-1]
    assert (answer.status, answer.json["code"]) == (422, "provider_denied")
    assert answer.json["details"]["advice"] == FIX
    assert shown["failure_advice"] == FIX


def test_a_zoho_test_without_a_body_uses_the_stored_password(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")

    bundle.post(TEST.format("zoho_mail"), organization.admin)

    assert {(server.username, server.password) for server in bundle.providers.mail_servers[-2:]} == {
        (SUPPORT, "your_app_password")
    }
