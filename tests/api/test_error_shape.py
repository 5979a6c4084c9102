"""The one shape of every failure: whatever is raised inside an endpoint, this is what a client reads."""

import inspect
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from banxway import errors
from banxway.entrypoints.http import Reply, endpoint
from banxway.services.email_accounts.accounts import MailboxRefused
from banxway.storage.database import CommitUncertain
from tests.support.product.app import invoke
from tests.support.product.events import http_event
from tests.support.product.matching import A_UUID

SAID = {"provider": "exotel", "operation": "send", "provider_status": 418, "provider_message": "Their words"}
PROVIDERS_ANSWER = {"status_code": 418, "exotel_error": "Their words"}
HELD = {"field": "name"}

# class: status, code, whether Retry-After is given, and what makes an instance of it
EXPECTED = {
    errors.BanxwayError: (500, "error", None, HELD),
    errors.BadRequest: (400, "bad_request", None, HELD),
    errors.NotAuthenticated: (401, "not_authenticated", None, HELD),
    errors.UnknownSubject: (401, "not_authenticated", None, HELD),
    errors.NotPermitted: (403, "not_permitted", None, HELD),
    errors.NotFound: (404, "not_found", None, HELD),
    errors.Conflict: (409, "conflict", None, HELD),
    errors.NotConfigured: (409, "not_configured", None, HELD),
    errors.ChangedMeanwhile: (409, "changed_meanwhile", None, HELD),
    errors.ThreadMovedOn: (409, "thread_moved_on", None, HELD),
    errors.TooLarge: (413, "too_large", None, HELD),
    errors.ValidationFailed: (422, "validation_failed", None, HELD),
    errors.TemplateRequired: (422, "template_required", None, HELD),
    errors.HostRefused: (422, "host_refused", None, HELD),
    errors.HostNotFound: (422, "host_not_found", None, HELD),
    errors.RateLimited: (429, "rate_limited", "12", {"retry_after_s": 11.6}),
    errors.DecryptionFailed: (500, "decryption_failed", None, HELD),
    errors.WrongKey: (500, "wrong_key", None, HELD),
    errors.KeyMissing: (500, "key_missing", None, HELD),
    errors.CorruptEnvelope: (500, "corrupt_envelope", None, HELD),
    errors.Unavailable: (503, "unavailable", "5", HELD),
    errors.ProviderError: (502, "provider_error", None, SAID),
    errors.ProviderRejected: (422, "provider_rejected", None, SAID),
    errors.ProviderDenied: (422, "provider_denied", None, SAID),
    errors.ProviderBlocked: (422, "provider_blocked", None, SAID),
    errors.WrongRegion: (422, "wrong_region", None, SAID),
    errors.ProviderThrottled: (503, "provider_throttled", "30", SAID | {"retry_after_s": 30}),
    errors.ProviderUnavailable: (503, "provider_unavailable", "5", SAID),
    errors.ProviderTimeout: (504, "provider_timeout", None, SAID),
    errors.OutcomeUnknown: (502, "outcome_unknown", None, SAID),
}


def ask(bundle, raise_it):
    @endpoint(public=True)
    def handler(_request, _app):
        raise_it()

    event = http_event("GET", "/anything")
    return invoke(bundle.app, handler, event), event["requestContext"]["requestId"]


def raising(error):
    def raise_it():
        raise error

    return raise_it


def test_every_error_class_is_expected_here():
    classes = {
        found
        for _, found in inspect.getmembers(errors, inspect.isclass)
        if issubclass(found, errors.BanxwayError)
    }

    assert classes == EXPECTED.keys()


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_every_error_is_written_in_the_one_shape(shared_bundle, kind):
    status, code, retry_after, values = EXPECTED[kind]

    answer, request_id = ask(shared_bundle, raising(kind("What happened", **values)))

    assert answer["statusCode"] == status
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["headers"].get("Retry-After") == retry_after
    assert ("WWW-Authenticate" in answer["headers"]) is (status == 401)
    assert json.loads(answer["body"]) == {
        "success": False,
        "error": "What happened",
        "code": code,
        "details": PROVIDERS_ANSWER if issubclass(kind, errors.ProviderError) else values,
        "request_id": request_id,
    }


def test_errors_of_single_files_keep_to_it(shared_bundle):
    uncertain, _ = ask(shared_bundle, raising(CommitUncertain("Look before repeating")))

    assert (uncertain["statusCode"], uncertain["headers"]["Retry-After"]) == (503, "5")
    assert json.loads(uncertain["body"])["code"] == "commit_uncertain"
    assert (MailboxRefused.status, MailboxRefused.code) == (422, "mailbox_check_failed")


@pytest.mark.parametrize(
    "unexpected",
    [
        errors.SettingsError("DATABASE_URL is not set"),
        KeyError("api_token"),
        RuntimeError("password=hunter2"),
        RecursionError("maximum recursion depth exceeded"),
    ],
    ids=["settings", "key", "secret", "recursion"],
)
def test_what_nobody_expected_shows_the_request_id_and_nothing_else(shared_bundle, unexpected):
    answer, request_id = ask(shared_bundle, raising(unexpected))

    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {
        "success": False,
        "error": "Internal error",
        "code": "internal_error",
        "details": {},
        "request_id": request_id,
    }


def test_details_may_hold_ids_and_times(shared_bundle):
    details = {"message_id": UUID(int=1), "at": datetime(2026, 1, 15, 9, 30, 1, 999, tzinfo=UTC)}

    answer, _ = ask(shared_bundle, raising(errors.Conflict("Too late", **details)))

    assert json.loads(answer["body"])["details"] == {
        "message_id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-01-15T09:30:01Z",
    }


def test_an_answer_is_never_cached(shared_bundle):
    refused, _ = ask(shared_bundle, raising(errors.NotFound("Nothing here")))
    given = shared_bundle.request("GET", "/health")

    assert refused["headers"]["Cache-Control"] == given.headers["Cache-Control"] == "no-store"


def test_an_endpoint_must_say_who_may_call_it():
    with pytest.raises(TypeError, match="public or names the permission"):
        endpoint()
    with pytest.raises(TypeError, match="public or names the permission"):
        endpoint(public=True, permission="threads:view")
    with pytest.raises(TypeError, match="no such permission: threads:veiw"):
        endpoint(permission="threads:veiw")


def test_a_real_refusal_has_the_shape_too(shared_bundle, shared_organization):
    answer = shared_bundle.get("/api/v1/settings/integrations/exotel_sms", shared_organization.agent)

    assert answer.json == {
        "success": False,
        "error": "Integration not found",
        "code": "not_found",
        "details": {},
        "request_id": A_UUID,
    }


def test_times_are_in_utc_wherever_the_database_thinks_it_is(bundle, organization):
    setting = f"ALTER DATABASE {bundle.database.name} {{}}"
    bundle.database.rows(setting.format("SET timezone = 'Asia/Kolkata'"))
    try:
        ticket = bundle.post("/api/v1/realtime/ticket", organization.agent).data
    finally:
        bundle.database.rows(setting.format("RESET timezone"))
    (kept,) = bundle.database.rows("SELECT expires_at FROM realtime_tickets")

    assert ticket["expires_at"].endswith("Z")
    said = datetime.fromisoformat(ticket["expires_at"])
    # To the second, as the guide's answers are.
    assert said == kept["expires_at"].astimezone(UTC).replace(microsecond=0)


def test_reply_texts_are_written_as_they_are(shared_bundle):
    @endpoint(public=True)
    def handler(_request, _app):
        return Reply({"name": "आशा"})

    answer = invoke(shared_bundle.app, handler, http_event("GET", "/anything"))

    assert "आशा" in answer["body"]
