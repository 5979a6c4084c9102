"""A rule that a manager saved."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.databases.postgres import Organization
from tests.support.product.app import Bundle

RULES = "/api/v1/settings/email-rules"
INVOICES = {
    "name": "Invoices",
    "conditions": [{"field": "subject", "operator": "contains", "value": "invoice"}],
    "actions": [{"type": "tag", "tag": "invoice"}],
}


@pytest.fixture
def add_rule(bundle: Bundle, organization: Organization) -> Callable[..., dict[str, Any]]:
    """Save a rule over HTTP and return what the answer says of it."""

    def add(**changes: Any) -> dict[str, Any]:
        data: dict[str, Any] = bundle.post(RULES, organization.manager, INVOICES | changes).data
        return data

    return add


@pytest.fixture
def entries(bundle: Bundle, organization: Organization) -> Callable[[str], list[dict[str, Any]]]:
    """Return the details of the audit entries of an action."""

    def of(action: str) -> list[dict[str, Any]]:
        rows = bundle.database.rows(
            "SELECT details FROM integration_audit_logs WHERE organization_id = %s AND action = %s ORDER BY sequence",
            (organization.id, action),
        )
        return [row["details"] for row in rows]

    return of
