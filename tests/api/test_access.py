"""Who may ask for what: every route against every way of not being allowed (threats 9, 10; permissions.py).

The tables below are written by hand on purpose: anybody who adds a route, or changes who may call one,
has to say so here as well.
"""

from uuid import UUID, uuid4

import pytest

from banxway.security.permissions import PERMISSIONS
from tests.support.gates.routes import ROUTES
from tests.support.gates.rules import differences, rule, uncovered
from tests.support.product.app import token
from tests.support.product.matching import A_UUID

PERMISSION_OF = {
    "GET /api/v1/settings/webhook-events": "webhooks:view",
    "GET /api/v1/settings/webhook-events/{event_id}": "webhooks:view",
    "POST /api/v1/settings/webhook-events/{event_id}/replay": "webhooks:replay",
    "POST /api/v1/settings/webhook-events/test": "webhooks:replay",
    "GET /api/v1/settings/dead-letters": "dead_letters:view",
    "GET /api/v1/settings/dead-letters/items": "dead_letters:view",
    "POST /api/v1/settings/dead-letters/redrive": "dead_letters:settle",
    "POST /api/v1/settings/dead-letters/discard": "dead_letters:settle",
    "GET /api/v1/settings/integrations": "integrations:view",
    "GET /api/v1/settings/integrations/{type}": "integrations:view",
    "POST /api/v1/settings/integrations/{type}": "integrations:configure",
    "POST /api/v1/settings/integrations/{type}/test": "integrations:configure",
    "PATCH /api/v1/settings/integrations/{type}": "integrations:configure",
    "DELETE /api/v1/settings/integrations/{type}": "integrations:configure",
    "GET /api/v1/settings/integrations/{type}/credentials": "integrations:read_credentials",
    "POST /api/v1/settings/integrations/{type}/sync": "integrations:configure",
    "POST /api/v1/settings/integrations/exotel_whatsapp/sync-templates": "integrations:configure",
    "GET /api/v1/settings/whatsapp-templates": "integrations:view",
    "GET /api/v1/settings/integrations/{type}/permissions": "permissions:manage",
    "POST /api/v1/settings/integrations/{type}/permissions": "permissions:manage",
    "GET /api/v1/settings/phone-numbers": "phone_numbers:view",
    "POST /api/v1/settings/phone-numbers/{number_id}/assign": "phone_numbers:assign",
    "PATCH /api/v1/settings/phone-numbers/{number_id}": "phone_numbers:configure",
    "GET /api/v1/settings/team": "team:view",
    "PATCH /api/v1/settings/team/{user_id}": "team:manage",
    "POST /api/v1/settings/team": "team:manage",
    "POST /api/v1/settings/team/{user_id}/resend": "team:manage",
    "DELETE /api/v1/settings/team/{user_id}": "team:manage",
    "GET /api/v1/settings/team/me": "team:view_own",
    "PUT /api/v1/settings/team/me/phone-number": "team:update_own",
    "PUT /api/v1/settings/team/me/preferences": "team:update_own",
    "GET /api/v1/settings/organization": "organizations:view",
    "PATCH /api/v1/settings/organization": "organizations:update",
    "POST /api/v1/settings/encryption/rotate": "encryption:rotate",
    "GET /api/v1/settings/encryption/rotation": "encryption:rotate",
    "GET /api/v1/settings/email-accounts": "email_accounts:view",
    "POST /api/v1/settings/email-accounts": "email_accounts:configure",
    "POST /api/v1/settings/email-accounts/test": "email_accounts:configure",
    "POST /api/v1/settings/email-accounts/{account_id}/poll-now": "email_accounts:poll",
    "GET /api/v1/settings/email-accounts/presets": "email_accounts:view",
    "GET /api/v1/settings/email-accounts/{account_id}": "email_accounts:view",
    "PATCH /api/v1/settings/email-accounts/{account_id}": "email_accounts:configure",
    "DELETE /api/v1/settings/email-accounts/{account_id}": "email_accounts:configure",
    "GET /api/v1/settings/email-accounts/{account_id}/folders": "email_accounts:view",
    "GET /api/v1/settings/email-accounts/{account_id}/comparison": "email_accounts:poll",
    "GET /api/v1/settings/email-templates": "email_templates:view",
    "POST /api/v1/settings/email-templates": "email_templates:configure",
    "GET /api/v1/settings/email-templates/{template_id}": "email_templates:view",
    "PATCH /api/v1/settings/email-templates/{template_id}": "email_templates:configure",
    "DELETE /api/v1/settings/email-templates/{template_id}": "email_templates:configure",
    "POST /api/v1/settings/email-templates/{template_id}/preview": "email_templates:view",
    "GET /api/v1/settings/email-rules": "email_rules:view",
    "POST /api/v1/settings/email-rules": "email_rules:configure",
    "GET /api/v1/settings/email-rules/{rule_id}": "email_rules:view",
    "PATCH /api/v1/settings/email-rules/{rule_id}": "email_rules:configure",
    "DELETE /api/v1/settings/email-rules/{rule_id}": "email_rules:configure",
    "POST /api/v1/settings/email-rules/reorder": "email_rules:configure",
    "POST /api/v1/settings/email-rules/dry-run": "email_rules:view",
    "GET /api/v1/communications/messages/{message_id}/rule-traces": "threads:view",
    "GET /api/v1/settings/email-accounts/{account_id}/vacation": "auto_replies:view",
    "PUT /api/v1/settings/email-accounts/{account_id}/vacation": "auto_replies:configure",
    "GET /api/v1/communications/threads": "threads:view",
    "GET /api/v1/communications/threads/{thread_id}": "threads:view",
    "GET /api/v1/communications/threads/{thread_id}/messages": "threads:view",
    "GET /api/v1/communications/messages/{message_id}/parts/{field}": "threads:view",
    "GET /api/v1/communications/messages/{message_id}/original": "threads:view",
    "PATCH /api/v1/communications/threads/{thread_id}": "threads:update",
    "POST /api/v1/communications/threads/{thread_id}/split": "threads:update",
    "PUT /api/v1/communications/threads/{thread_id}/customer": "threads:update",
    "POST /api/v1/communications/threads/{thread_id}/messages/preview": "messages:send",
    "POST /api/v1/communications/threads/{thread_id}/read": "threads:view",
    "POST /api/v1/communications/threads/{thread_id}/messages": "messages:send",
    "POST /api/v1/communications/messages/send-template": "messages:send",
    "POST /api/v1/communications/messages/{message_id}/retry": "messages:send",
    "POST /api/v1/communications/uploads": "messages:send",
    "GET /api/v1/communications/messages/{message_id}/attachments/{attachment_id}": "threads:view",
    "GET /api/v1/communications/messages/{message_id}/display": "threads:view",
    "GET /api/v1/communications/customers": "customers:view",
    "GET /api/v1/communications/customers/{customer_id}": "customers:view",
    "PATCH /api/v1/communications/customers/{customer_id}": "customers:update",
    "POST /api/v1/communications/customers/{customer_id}/addresses": "customers:update",
    "DELETE /api/v1/communications/customers/{customer_id}/addresses/{address_id}": "customers:update",
    "POST /api/v1/communications/customers/{customer_id}/merge": "customers:merge",
    "POST /api/v1/communications/customers/{customer_id}/unmerge": "customers:merge",
    "GET /api/v1/settings/audit-logs": "audit:view",
    "GET /api/v1/settings/audit-logs/export": "audit:view",
    "GET /api/v1/settings/audit-logs/verify": "audit:view",
    "GET /api/v1/settings/configuration-status": "status:view",
    "GET /api/v1/settings/diagnostics": "diagnostics:view",
    "GET /api/v1/settings/overview": "status:view",
    "GET /api/v1/settings/notifications": "status:view",
    "POST /api/v1/settings/notifications/{notification_id}/dismiss": "integrations:configure",
    "POST /api/v1/realtime/ticket": "realtime:listen",
    "GET /api/v1/communications/changes": "realtime:listen",
}
ROLES_OF = {
    "webhooks:view": {"admin", "manager"},
    "webhooks:replay": {"admin"},
    "integrations:view": {"admin", "manager", "agent"},
    "integrations:configure": {"admin"},
    "integrations:read_credentials": {"admin"},
    "permissions:manage": {"admin"},
    "phone_numbers:view": {"admin", "manager", "agent"},
    "phone_numbers:assign": {"admin", "manager"},
    "phone_numbers:configure": {"admin"},
    "team:view": {"admin", "manager"},
    "team:manage": {"admin"},
    "team:view_own": {"admin", "manager", "agent"},
    "team:update_own": {"admin", "manager", "agent"},
    "organizations:view": {"admin", "manager", "agent"},
    "organizations:update": {"admin"},
    "encryption:rotate": {"admin"},
    "email_accounts:view": {"admin", "manager", "agent"},
    "email_accounts:configure": {"admin"},
    "email_accounts:poll": {"admin", "manager"},
    "email_templates:view": {"admin", "manager", "agent"},
    "email_templates:configure": {"admin", "manager"},
    "email_rules:view": {"admin", "manager"},
    "email_rules:configure": {"admin", "manager"},
    "auto_replies:view": {"admin", "manager", "agent"},
    "auto_replies:configure": {"admin", "manager"},
    "threads:view": {"admin", "manager", "agent"},
    "threads:update": {"admin", "manager", "agent"},
    "messages:send": {"admin", "manager", "agent"},
    "customers:view": {"admin", "manager", "agent"},
    "customers:update": {"admin", "manager", "agent"},
    "customers:merge": {"admin", "manager"},
    "audit:view": {"admin", "manager"},
    "status:view": {"admin", "manager", "agent"},
    "diagnostics:view": {"admin", "manager"},
    "dead_letters:view": {"admin", "manager"},
    "dead_letters:settle": {"admin"},
    "realtime:listen": {"admin", "manager", "agent"},
}
# The last is known by its signed link.
PUBLIC = {
    "GET /health",
    "GET /api/v1/health",
    "GET /display/{token}",
    "GET /api/v1/webhooks/exotel/call-status",
    "GET /api/v1/webhooks/exotel/whatsapp-status",
}
BY_REFERENCE = {
    "POST /api/v1/webhooks/exotel/call-status",
    "POST /api/v1/webhooks/exotel/whatsapp-status",
}
CLOSED = [route for route in ROUTES if str(route) in PERMISSION_OF]


@rule
def test_every_route_of_the_template_is_covered_here():
    routes, covered = {str(route) for route in ROUTES}, PERMISSION_OF.keys() | PUBLIC | BY_REFERENCE
    to = "PERMISSION_OF in tests/api/test_access.py"
    yield from uncovered(routes, covered, add="the permission that it wants", to=to)


@rule
def test_every_route_names_the_permission_expected_of_it():
    for route in CLOSED:
        named, wanted = getattr(route.endpoint, "permission", None), PERMISSION_OF[str(route)]
        if named != wanted:
            yield f"{route} wants {named}, and should want {wanted}"


@rule
def test_only_what_is_public_on_purpose_names_no_permission():
    for route in ROUTES:
        is_public = route.endpoint is not None and route.endpoint.permission is None
        if is_public != (str(route) in PUBLIC):
            yield f"{route} is {'public' if is_public else 'closed'}, and should be the opposite"
        if hasattr(route.handler, "webhook") != (str(route) in BY_REFERENCE):
            yield f"{route} is a receiver of callbacks, or should be one"


@rule
def test_the_products_table_of_permissions_is_the_expected_one():
    yield from differences("PERMISSIONS", {name: set(roles) for name, roles in PERMISSIONS.items()}, ROLES_OF)


def ask(bundle, route, *, header=None, user=None):
    """Ask for a route with plausible variables and no body."""
    path = route.path.replace("{type}", "exotel_phone")
    for variable in route.variables:
        path = path.replace(f"{{{variable}}}", str(uuid4()))
    headers = {} if header is None else {"authorization": header}
    return bundle.request(route.method, path, user=user, headers=headers)


NOBODY = UUID(int=7)
MISSING = "Authorization header missing"
NOT_BEARER = "Authorization header must be 'Bearer <token>'"
DEACTIVATED = "Your access was ended: ask an admin to activate you again"
NO_EMAIL = (
    "You are not a member yet, and your session token has no e-mail address: let the sign-in service add it"
)
NOT_VERIFIED = "Your e-mail address is not verified: verify it with the sign-in service, then sign in again"
NOT_INVITED = "You are not a member yet, and nobody has invited you: ask an admin for an invitation"
REFUSALS = {
    "no header": (lambda user: None, MISSING, "no_authorization_header"),
    "empty header": (lambda user: "  ", MISSING, "no_authorization_header"),
    "not bearer": (lambda user: f"Basic {token(user)}", NOT_BEARER, "malformed_authorization_header"),
    "no scheme": (lambda user: token(user), NOT_BEARER, "malformed_authorization_header"),
    "not a token": (lambda user: "Bearer abc", "Invalid token: unreadable", "token_unreadable"),
    "expired": (
        lambda user: f"Bearer {token(user, lifetime_s=-60)}",
        "Session expired",
        "session_expired",
    ),
    "wrong signature": (
        lambda user: f"Bearer {token(user, secret='another secret, of another environment')}",
        "Invalid token signature",
        "wrong_signature",
    ),
    "wrong issuer": (
        lambda user: f"Bearer {token(user, iss='https://issuer.test.evil')}",
        "Invalid token: another issuer",
        "wrong_issuer",
    ),
    "wrong audience": (
        lambda user: f"Bearer {token(user, aud='anon')}",
        "Invalid token: another audience",
        "wrong_audience",
    ),
    "no expiry": (lambda user: f"Bearer {token(user, exp=None)}", "Invalid token: no exp", "token_refused"),
    "unknown user": (lambda user: f"Bearer {token(NOBODY)}", NO_EMAIL, "email_missing"),
    "claimed role": (lambda user: f"Bearer {token(NOBODY, role='admin')}", NO_EMAIL, "email_missing"),
    "unverified address": (
        lambda user: f"Bearer {token(NOBODY, email='a@b.example', email_verified=False)}",
        NOT_VERIFIED,
        "email_not_verified",
    ),
    "address that nobody invited": (
        lambda user: f"Bearer {token(NOBODY, email='a@b.example', email_verified=True)}",
        NOT_INVITED,
        "no_invitation",
    ),
}


@rule
@pytest.mark.parametrize(("header_for", "sentence", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_user_who_is_not_signed_in_gets_the_reason(
    shared_bundle, shared_organization, header_for, sentence, reason
):
    wanted = {
        "success": False,
        "error": sentence,
        "code": "not_authenticated",
        "details": {"reason": reason},
        "request_id": A_UUID,
    }
    for route in CLOSED:
        answer = ask(shared_bundle, route, header=header_for(shared_organization.admin))
        if answer.status != 401 or answer.json != wanted:
            yield f"{route} answers {answer.status} {answer.text}, and should refuse with 401: {sentence}"


@pytest.fixture(scope="module")
def deactivated_admin(shared_bundle):
    organization = shared_bundle.database.add_organization("Left")
    shared_bundle.database.rows("UPDATE users SET is_active = false WHERE id = %s", (organization.admin,))
    return organization.admin


@rule
def test_a_deactivated_user_is_nobody(shared_bundle, deactivated_admin):
    for route in CLOSED:
        answer = ask(shared_bundle, route, user=deactivated_admin)
        if answer.status != 401 or answer.json["error"] != DEACTIVATED:
            yield f"{route} answers a user who left with {answer.status} {answer.text}"


@rule
@pytest.mark.parametrize("role", ["admin", "manager", "agent"])
def test_a_role_may_what_the_table_says(shared_bundle, shared_organization, role):
    for route in CLOSED:
        permission = PERMISSION_OF[str(route)]
        answer = ask(shared_bundle, route, user=getattr(shared_organization, role))
        if role in ROLES_OF[permission]:
            if answer.status in (401, 403) or answer.status >= 500:
                yield f"{route} is for {role}s, and answers one with {answer.status} {answer.text}"
        elif answer.status != 403 or answer.json != refusal(permission, role):
            yield f"{route} is not for {role}s, and answers one with {answer.status} {answer.text}"


def refusal(permission, role):
    least = "manager" if "manager" in ROLES_OF[permission] else "admin"
    return {
        "success": False,
        "error": f"User does not have {least} role",
        "code": "not_permitted",
        "details": {"permission": permission, "role": role},
        "request_id": A_UUID,
    }


def test_a_role_is_read_again_with_every_request(shared_bundle):
    organization = shared_bundle.database.add_organization("Demoted")
    path = "/api/v1/settings/audit-logs"
    before = shared_bundle.get(path, organization.manager)

    shared_bundle.database.rows("UPDATE users SET role = 'agent' WHERE id = %s", (organization.manager,))
    after = shared_bundle.get(path, organization.manager)

    assert (before.status, after.status) == (200, 403)


def test_a_refused_request_leaves_nothing_open(shared_bundle, shared_organization):
    shared_bundle.request(
        "DELETE", "/api/v1/settings/integrations/exotel_phone", user=shared_organization.agent
    )

    open_transactions = shared_bundle.database.rows(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() "
        "AND state LIKE 'idle in transaction%%'"
    )
    assert open_transactions == [{"n": 0}]
