"""The guide's Tests 1 and 3: what a connection test answers, and what it leaves behind."""

import pytest

from banxway.errors import ProviderDenied, ProviderRejected, ProviderTimeout, ProviderUnavailable
from banxway.reasons import Reason
from banxway.services.status.diagnosis.catalogue import CAUSES
from tests.support.product.fakes import refused
from tests.support.product.matching import A_UUID
from tests.support.product.stories import PHONE, WHATSAPP, ZOHO

PATH = "/api/v1/settings/integrations/{}/test"


def explained(code: str) -> dict[str, str]:
    """Return what the catalogue says of a cause."""
    return {"cause": CAUSES[code].cause, "fix": CAUSES[code].fix}


def test_a_working_phone_account_answers_as_the_guide_says(bundle, organization):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "message": "Connection test successful",
        "data": {"account_verified": True, "voice_enabled": True, "virtual_number_active": True},
    }


def test_a_secret_that_is_left_out_is_tested_as_it_is_stored(bundle, organization):
    bundle.post("/api/v1/settings/integrations/exotel_phone", organization.admin, PHONE)

    answer = bundle.post(
        PATH.format("exotel_phone"),
        organization.admin,
        {"virtual_number": "08047100001", "api_key": "next_key"},
    )

    assert answer.status == 200
    account = bundle.providers.exotel_accounts[-1]
    assert (account.account_sid, account.api_key, account.api_token) == (
        "your_exotel_sid",
        "next_key",
        "your_api_token",
    )
    assert bundle.providers.voice.checked[-1] == "08047100001"


def test_a_working_whatsapp_account_answers_as_the_guide_says(bundle, organization):
    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "message": "WhatsApp connection verified",
        "data": {
            "account_verified": True,
            "whatsapp_enabled": True,
            "business_number_active": True,
            "quality_rating": "unknown",
            "messaging_limit": "unknown",
        },
    }


@pytest.mark.parametrize(
    ("error", "status", "details"),
    [
        pytest.param(
            refused(
                ProviderDenied,
                "Invalid credentials",
                provider_status=401,
                provider_message="Authentication failed",
                reason=Reason.INVALID_CREDENTIALS,
            ),
            422,
            {
                "reason": "invalid_credentials",
                "status_code": 401,
                "exotel_error": "Authentication failed",
                **explained("exotel_invalid_credentials"),
            },
            id="wrong credentials",
        ),
        pytest.param(
            refused(
                ProviderDenied,
                "Account inactive",
                provider_status=403,
                provider_message="Forbidden",
                reason=Reason.ACCOUNT_INACTIVE,
            ),
            422,
            {
                "reason": "account_inactive",
                "status_code": 403,
                "exotel_error": "Forbidden",
                **explained("exotel_suspended"),
            },
            id="suspended account",
        ),
        pytest.param(
            refused(
                ProviderDenied,
                "Access denied",
                provider_status=403,
                provider_message="Access denied",
                reason=Reason.WRONG_ACCOUNT_SID,
            ),
            422,
            {
                "reason": "wrong_account_sid",
                "status_code": 403,
                "exotel_error": "Access denied",
                **explained("exotel_wrong_sid"),
            },
            id="somebody else's account",
        ),
        pytest.param(
            refused(
                ProviderDenied,
                "Voice not enabled",
                provider_status=403,
                provider_message="Voice off",
                reason=Reason.VOICE_NOT_ENABLED,
            ),
            422,
            {
                "reason": "voice_not_enabled",
                "status_code": 403,
                "exotel_error": "Voice off",
                **explained("exotel_voice_not_enabled"),
            },
            id="voice off",
        ),
        pytest.param(
            refused(
                ProviderDenied,
                "IP not whitelisted",
                provider_status=403,
                provider_message="IP list",
                reason=Reason.IP_NOT_WHITELISTED,
            ),
            422,
            {
                "reason": "ip_not_whitelisted",
                "status_code": 403,
                "exotel_error": "IP list",
                **explained("exotel_ip_not_whitelisted"),
            },
            id="address not listed",
        ),
        pytest.param(
            refused(
                ProviderRejected,
                "Invalid Account SID",
                provider_status=404,
                provider_message="No",
                reason=Reason.WRONG_ACCOUNT_SID,
            ),
            422,
            {
                "reason": "wrong_account_sid",
                "status_code": 404,
                "exotel_error": "No",
                **explained("exotel_wrong_sid"),
            },
            id="wrong account",
        ),
        pytest.param(
            refused(
                ProviderRejected,
                "Virtual number not found",
                provider_status=422,
                provider_message="Virtual number not found in account",
                reason=Reason.NUMBER_NOT_FOUND,
            ),
            422,
            {
                "reason": "number_not_found",
                "status_code": 422,
                "exotel_error": "Virtual number not found in account",
                **explained("exotel_number_not_found"),
            },
            id="unknown number",
        ),
        pytest.param(
            refused(ProviderTimeout, "Network timeout", reason=Reason.TIMEOUT),
            504,
            {"reason": "timeout", **explained("exotel_timeout")},
            id="timeout",
        ),
        pytest.param(
            refused(ProviderUnavailable, "Exotel does not answer"),
            503,
            explained("exotel_connection_refused"),
            id="down",
        ),
    ],
)
def test_a_failing_phone_account_answers_as_the_guide_says(bundle, organization, error, status, details):
    bundle.providers.voice.checking.then(error)

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    assert answer.status == status
    assert answer.json == {
        "success": False,
        "error": error.message,
        "code": error.code,
        "details": details,
        "request_id": A_UUID,
    }


def test_a_failing_whatsapp_number_answers_as_the_guide_says(bundle, organization):
    bundle.providers.whatsapp.checking.then(
        refused(
            ProviderRejected,
            "WhatsApp number not verified",
            provider_status=422,
            provider_message="WhatsApp number not found in account",
            reason=Reason.WHATSAPP_NUMBER_NOT_VERIFIED,
        )
    )

    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin, WHATSAPP)

    assert answer.status == 422
    assert answer.json["error"] == "WhatsApp number not verified"
    assert answer.json["details"] == {
        "reason": "whatsapp_number_not_verified",
        "status_code": 422,
        "exotel_error": "WhatsApp number not found in account",
        **explained("whatsapp_number_not_verified"),
    }


def test_a_test_saves_nothing_and_is_audited(bundle, organization):
    bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    listed = bundle.get("/api/v1/settings/integrations", organization.admin)
    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert listed.data == []
    assert (entry["action"], entry["status"], entry["integration_type"]) == (
        "integration.test",
        "success",
        "exotel_phone",
    )


def test_a_failed_test_is_audited_with_the_providers_words(bundle, organization):
    bundle.providers.voice.checking.then(
        refused(
            ProviderDenied,
            "Invalid credentials",
            provider_status=401,
            provider_message="Authentication failed",
        )
    )

    bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert entry["status"] == "failed"
    assert entry["details"]["error"] == "Invalid credentials"
    assert entry["details"]["provider_message"] == "Authentication failed"


def test_the_typed_credentials_are_those_that_are_tried(bundle, organization):
    bundle.post(PATH.format("exotel_phone"), organization.admin, PHONE)

    (account,) = bundle.providers.exotel_accounts
    assert (account.account_sid, account.api_key, account.api_token) == (
        "your_exotel_sid",
        "your_api_key",
        "your_api_token",
    )
    assert bundle.providers.voice.checked == ["01141169368"]


def test_a_mailbox_that_fails_says_which_half_and_nothing_of_saving(bundle, organization):
    answer = bundle.post(PATH.format("zoho_mail"), organization.admin, ZOHO | {"imap_host": "10.0.0.5"})

    assert (answer.status, answer.json["error"]) == (422, "IMAP did not work")
    halves = answer.json["details"]["check"]
    assert (halves["smtp"]["success"], halves["imap"]["success"]) == (True, False)
    assert halves["imap"]["error"].startswith("This host cannot be used")
    assert "saved" not in answer.text
