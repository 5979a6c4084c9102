"""The accounts that exist from the start: one per demo organization."""

from typing import Any

from local.sandbox.exotel.accounts import Account, make_account


def template(name: str, body: str, **values: Any) -> dict[str, Any]:
    """Return a template as the list shows it; `values` replace language, category, status, components."""
    return {
        "id": str(600_000_000_000_000 + sum(name.encode())),
        "name": name,
        "language": "en",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [{"type": "BODY", "text": body}],
        **values,
    }


def demo_templates() -> list[dict[str, Any]]:
    """Return templates in each state that a business sees."""
    return [
        template("shipping_update", "Hello {{1}}, your shipment {{2}} is now {{3}}."),
        template("order_confirmation", "Thank you {{1}}. We received your order {{2}}."),
        template("delivery_reminder", "Hello {{1}}, we deliver on {{2}}.", status="PENDING"),
        template("summer_offer", "Only today: {{1}} off!", category="MARKETING", status="REJECTED"),
    ]


def demo_accounts() -> list[Account]:
    """Return the demo accounts; their credentials are public on purpose."""
    return [
        make_account(
            {
                "account_sid": "banxway_demo1",
                "api_key": "demo-key",
                "api_token": "demo-token",
                "numbers": [
                    {"phone_number": "01141169368", "friendly_name": "Main Line", "sms": True},
                    {"phone_number": "08047100100", "friendly_name": "Support", "region": "KA"},
                ],
                "whatsapp_numbers": ["+911141169368"],
                "waba_id": "108200000000001",
                "templates": demo_templates(),
            }
        ),
        make_account(
            {
                "account_sid": "other_co1",
                "api_key": "other-key",
                "api_token": "other-token",
                "numbers": [{"phone_number": "02248990011", "friendly_name": "Other Co", "region": "MH"}],
                "whatsapp_numbers": ["+912248990011"],
                "waba_id": "108200000000002",
                "templates": demo_templates(),
            }
        ),
    ]
