"""Exotel's WhatsApp service: sends messages, tests the account, lists templates (reference/exotel.md, 6 and 11.1)."""

import re
from collections.abc import Iterator
from typing import Any

from banxway.e164 import is_e164
from banxway.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable
from banxway.models.integrations.checks import WhatsAppAccountCheck
from banxway.models.integrations.whatsapp_templates import ProviderTemplate
from banxway.models.messages.outgoing import Accepted, OutgoingWhatsApp, TemplateContent, TextContent
from banxway.providers.base import Begin, unrecorded
from banxway.providers.exotel.answers import (
    Answer,
    ExotelError,
    as_int,
    bounded,
    is_definite_refusal,
    mapping,
    number_refused,
    refusal,
    stated_error,
)
from banxway.providers.exotel.client import ExotelClient
from banxway.reasons import Reason

_MESSAGES = "v2/accounts/{sid}/messages"
_TEMPLATES = "v2/accounts/{sid}/templates"
_PAGE_SIZE = "100"
_MOST_PAGES = 100

_ABOUT_RECIPIENT = re.compile(
    r"""recipient|['"`.]to\b|\bto['"`]|\b(field|parameter|param|invalid|missing|empty)\W+to\b"""
    r"""|\bto (number|is)\b""",
    re.IGNORECASE,
)
_ABOUT_SENDER = re.compile(
    r"""sender|['"`.]from\b|\bfrom['"`]|\b(parameter|param|invalid)\W+from\b|\bfrom (number|is)\b"""
    r"""|number\b.{0,20}\bnot (found|registered|verified|linked|configured|associated|onboarded|enabled)""",
    re.IGNORECASE,
)


class ExotelWhatsApp:
    """The Sender and WhatsAppAccount of one Exotel account."""

    def __init__(self, client: ExotelClient) -> None:
        self._client = client

    def send(self, message: OutgoingWhatsApp, /, *, begin: Begin = unrecorded) -> Accepted:
        """Hand the message over exactly once; the item's own status decides, never HTTP's alone.

        Acceptance is not delivery: a wrong template is accepted, and a later report states its failure (section 6.3).
        Raises what `ExotelClient.hand_over` does.
        """
        answer = self._client.hand_over(
            _MESSAGES, operation="send_whatsapp", json_body=_send_body(message), begin=begin
        )
        items = _items(answer, "messages")
        if len(items) != 1:
            raise self._unknown(answer)
        status = as_int(items[0].get("code"))
        sid = mapping(items[0].get("data")).get("sid")
        if status is not None and is_definite_refusal(status):
            error = stated_error(items[0]).rewritten(self._client.without_secrets)
            raise refusal(status, error, operation="send_whatsapp")
        if status is None or not 200 <= status < 300 or not isinstance(sid, str) or not sid.strip():
            raise self._unknown(answer)
        return Accepted(provider_sid=sid.strip())

    def check(self, *, whatsapp_number: str) -> WhatsAppAccountCheck:
        """Test credentials and service by listing templates, and the number by a message without a recipient.

        No harmless request that names a number is documented (reference/exotel.md, 6.8 and 11.1). So one message
        is sent with an empty recipient, which no network can deliver: an error about the sender means that the
        number is not the account's, one about the recipient that the sender was accepted. Any other answer leaves
        `business_number_active` None. Unproven; see docs/assumptions.md.
        """
        if not is_e164(whatsapp_number):
            raise number_refused("Invalid WhatsApp number format", None, Reason.WHATSAPP_NUMBER_FORMAT)
        self._prove_service()
        return WhatsAppAccountCheck(
            account_verified=True,
            whatsapp_enabled=True,
            business_number_active=self._probe_number(whatsapp_number),
        )

    def list_templates(self, *, waba_id: str | None) -> list[ProviderTemplate]:
        """Return every template, each (name, language) once; items without a name are left out.

        The shapes of items and cursor are undocumented (reference/exotel.md, 6.7), so several are accepted.
        """
        found: dict[tuple[str, str], ProviderTemplate] = {}
        for answer in self._template_pages(waba_id):
            known = len(found)
            for item in _items(answer, "templates"):
                template = _template(item)
                if template.name:
                    found.setdefault((template.name, template.language), template)
            if len(found) == known:
                break
        return list(found.values())

    def _template_pages(self, waba_id: str | None) -> Iterator[Answer]:
        params = {"limit": _PAGE_SIZE} | ({"waba_id": waba_id} if waba_id else {})
        for _ in range(_MOST_PAGES):
            answer = self._client.ask(_TEMPLATES, operation="list_templates", params=params)
            yield answer
            after = _next_cursor(answer.payload)
            if after is None or after == params.get("after"):
                return
            params = params | {"after": after}

    def _prove_service(self) -> None:
        try:
            self._client.ask(_TEMPLATES, operation="check_account", params={"limit": "1"})
        except ProviderRejected as error:
            # Exotel answers 400, "waba_id is missing", only to an account that may use WhatsApp.
            if error.provider_status != 400:
                raise

    def _probe_number(self, number: str) -> bool | None:
        content = {"recipient_type": "individual", "type": "text", "text": {"body": "Connection test"}}
        body = {"whatsapp": {"messages": [{"from": number, "to": "", "content": content}]}}
        try:
            answer = self._client.ask(_MESSAGES, operation="check_number", json_body=body)
        except ProviderRejected as error:
            if error.provider_status in (401, 403):
                raise
            return _verdict(ExotelError(error.provider_code, error.provider_message, error.message))
        except ProviderUnavailable as error:
            if error.provider_status is None:
                raise
            return None
        items = _items(answer, "messages")
        return _verdict(stated_error(items[0])) if items else None

    def _unknown(self, answer: Answer) -> OutcomeUnknown:
        message = "Exotel's answer does not name the message"
        return self._client.unknown(message, "send_whatsapp", answer.status, answer.payload)


def _send_body(message: OutgoingWhatsApp) -> dict[str, Any]:
    # Callback and reference are given at both levels: clients disagree on which one Exotel reads (section 6.1).
    tracking = {"custom_data": message.reference, "status_callback": message.status_callback}
    content = {"recipient_type": "individual"} | _content(message.content)
    item = {"from": message.sender, "to": message.recipient, "content": content} | tracking
    return tracking | {"whatsapp": {"messages": [item]}}


def _content(content: TextContent | TemplateContent) -> dict[str, Any]:
    if isinstance(content, TextContent):
        return {"type": "text", "text": {"body": content.body}}
    template: dict[str, Any] = {
        "name": content.name,
        "language": {"policy": "deterministic", "code": content.language},
    }
    if content.body_variables:
        parameters = [{"type": "text", "text": value} for value in content.body_variables]
        template["components"] = [{"type": "body", "parameters": parameters}]
    return {"type": "template", "template": template}


def _items(answer: Answer, kind: str) -> list[dict[str, Any]]:
    found = mapping(mapping(answer.payload.get("response")).get("whatsapp")).get(kind)
    return [mapping(item) for item in found] if isinstance(found, list) else []


def _verdict(error: ExotelError) -> bool | None:
    about_sender = _ABOUT_SENDER.search(error.all_words)
    about_recipient = _ABOUT_RECIPIENT.search(error.all_words)
    if about_sender and not about_recipient:
        raise number_refused(
            "WhatsApp number not verified", bounded(error.words), Reason.WHATSAPP_NUMBER_NOT_VERIFIED
        )
    return True if about_recipient and not about_sender else None


def _template(item: dict[str, Any]) -> ProviderTemplate:
    fields = mapping(item.get("data")) or item
    fields = mapping(fields.get("template")) or fields
    language = fields.get("language")
    components = [mapping(c) for c in fields.get("components") or [] if isinstance(c, dict)]
    bodies = [str(c.get("text") or "") for c in components if str(c.get("type")).upper() == "BODY"]
    return ProviderTemplate(
        provider_id=str(fields["id"]) if fields.get("id") else None,
        name=str(fields.get("name") or ""),
        language=str(mapping(language).get("code") or "")
        if isinstance(language, dict)
        else str(language or ""),
        category=str(fields.get("category") or ""),
        status=str(fields.get("status") or "").lower(),
        body=bodies[0] if bodies else "",
        components=components,
        parameter_format=str(fields.get("parameter_format") or "").lower(),
    )


def _next_cursor(payload: dict[str, Any]) -> str | None:
    """Return the cursor of the next page: an `after` in one of the positions that Meta and Exotel use."""
    metadata = mapping(payload.get("metadata"))
    candidates = [metadata, mapping(mapping(payload.get("response")).get("whatsapp"))]
    for candidate in candidates:
        paging = mapping(candidate.get("paging")) or candidate
        after = (mapping(paging.get("cursors")) or mapping(paging.get("cursor")) or paging).get("after")
        if isinstance(after, str) and after:
            return after
    return None
