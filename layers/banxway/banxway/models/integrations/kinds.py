"""The types of integration, each with what is known of it without asking anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from banxway.models.words import IntegrationType


@dataclass(frozen=True, slots=True)
class IntegrationKind:
    """A type of integration.

    `name` names it in a sentence, `page` is the console's page for it, `tested` is what a successful test says.
    `number_setting` is the setting that holds its number, `callback_kind` the kind of callback that its provider
    posts, `inbound` the name of what arrives by that; None where it does not apply.
    """

    type: IntegrationType
    name: str
    page: str
    tested: str
    number_setting: str | None = None
    callback_kind: str | None = None
    inbound: str | None = None


PHONE = IntegrationKind(
    "exotel_phone",
    "Phone",
    "/settings/integrations?tab=phone",
    "Connection test successful",
    number_setting="virtual_number",
    callback_kind="call_status",
    inbound="Calls",
)
WHATSAPP = IntegrationKind(
    "exotel_whatsapp",
    "WhatsApp",
    "/settings/integrations?tab=whatsapp",
    "WhatsApp connection verified",
    number_setting="whatsapp_number",
    callback_kind="whatsapp",
    inbound="WhatsApp",
)
SMS = IntegrationKind(
    "exotel_sms",
    "SMS",
    "/settings/integrations?tab=sms",
    "SMS connection verified",
    number_setting="sms_number",
)
ZOHO_MAIL = IntegrationKind("zoho_mail", "Email", "/settings/integrations", "Mail connection verified")

KINDS: Mapping[str, IntegrationKind] = {kind.type: kind for kind in (PHONE, WHATSAPP, SMS, ZOHO_MAIL)}
"""Every type of integration, in the order in which lists show them."""
