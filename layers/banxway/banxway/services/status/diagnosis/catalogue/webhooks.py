"""Callbacks on their way to us (the guide's issue 8)."""

from banxway.services.status.diagnosis.causes import Cause

_STUCK = 'Call status not updating; WhatsApp delivery status stuck at "sent"'
_HIDDEN = ("webhook_none_received", "webhook_signature_never_seen")

CAUSES = (
    Cause(
        code="webhook_url_missing",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; saving an integration shows no callback_url",
        cause="WEBHOOK_BASE_URL is not set, so no callback address can be made",
        fix="Set WEBHOOK_BASE_URL to the public https address of this API",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_url_not_https",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; the callback_url begins with http://",
        cause="WEBHOOK_BASE_URL is not an https address",
        fix="Set it to the https address of this API; for local testing use ngrok (`ngrok http 8000`)",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_url_private",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; the callback_url names localhost or an address of your own network",
        cause="Webhook URL not publicly accessible: its host is an address of this machine or network",
        fix="Set WEBHOOK_BASE_URL to the public address; for local testing use ngrok (`ngrok http 8000`)",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_url_unreachable",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; Exotel Error: Webhook URL timeout",
        cause="Webhook URL not publicly accessible: our own /health does not answer through it",
        fix="Check DNS, certificate and firewall of WEBHOOK_BASE_URL: `curl https://your-backend/health` from "
        "outside must answer",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_url_wrong_target",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; Exotel retries exhausted, and its log shows 404 or a page of HTML",
        cause="WEBHOOK_BASE_URL leads to something that is not this API",
        fix="Set WEBHOOK_BASE_URL to this API's own address, without a path",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_secret_missing",
        area="webhooks",
        issue=8,
        symptom=f"{_STUCK}; sending fails, WEBHOOK_SECRET is not set",
        cause="WEBHOOK_SECRET is not set: callback addresses can be neither signed nor recognised",
        fix="Set WEBHOOK_SECRET to a long random text, the same for all functions",
        hides=_HIDDEN,
        everywhere=True,
    ),
    Cause(
        code="webhook_signature_never_seen",
        area="webhooks",
        issue=8,
        symptom="Each callback is refused: 401 Invalid webhook signature",
        cause="EXOTEL_SIGNATURE_SECRET requires a signature, and Exotel most likely sends none",
        fix="Remove EXOTEL_SIGNATURE_SECRET, unless Exotel has confirmed that it signs; callback addresses "
        "stay protected by their signed reference",
        hides=("webhook_none_received",),
        everywhere=True,
    ),
    Cause(
        code="webhook_none_received",
        area="webhooks",
        issue=8,
        severity="warning",
        symptom="Webhooks configured but no callbacks, not even refused ones",
        cause="Webhook URL not configured in Exotel, or something blocks callbacks on their way to us",
        fix="Exotel Dashboard → Webhook Settings: add the integration's callback_url (GET "
        "/api/v1/settings/integrations shows it to an admin), and let it through firewalls",
    ),
    Cause(
        code="webhook_unreadable",
        area="webhooks",
        issue=8,
        severity="warning",
        symptom="Callbacks arrive and change nothing: their bodies cannot be read",
        cause="Webhook endpoint cannot read them: Exotel has changed their form, or a proxy rewrites them",
        fix="Look at their bodies under /operations/webhooks (result Unreadable), then report them; after an update "
        "that can read them replay each there",
    ),
    Cause(
        code="webhook_revoked",
        area="webhooks",
        issue=8,
        severity="warning",
        symptom="Callbacks are answered with 200 and change nothing after the callback address was renewed",
        cause="Exotel still uses a callback address that was revoked here",
        fix="Paste the integration's current callback_url (GET /api/v1/settings/integrations shows it to an admin) "
        "into Exotel Dashboard → Webhook Settings",
    ),
)
