"""A template, as managers save it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.app import Bundle

PATH = "/api/v1/settings/email-templates"
DELAY = {
    "name": "Shipment delayed",
    "subject": "Your shipment {{shipment}}",
    "content_html": "<p>Dear {{customer}},</p><p>{{ shipment }} arrives on {{day}}.</p>",
    "content_text": "Dear {{customer}},\n\n{{shipment}} arrives on {{day}}.",
}


@pytest.fixture
def delay() -> dict[str, str]:
    """The body of a template with three variables."""
    return dict(DELAY)


@pytest.fixture
def add_template(bundle: Bundle, organization: Organization) -> Callable[..., dict[str, Any]]:
    """Save a template as a manager does and return what the answer says of it."""

    def add(**changes: Any) -> dict[str, Any]:
        data: dict[str, Any] = bundle.post(PATH, organization.manager, DELAY | changes).data
        return data

    return add
