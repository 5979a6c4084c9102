"""Listing 200 integrations and 2,000 phone numbers, beside one bare SQL query of the same rows.

An organization has at most four integrations: the 200 belong to fifty, each listed by a request of its own. The
2,000 numbers belong to one. A function's time is everything but Lambda: session, user, scope, rows under row-level
security, models, JSON. The bare query is a superuser's, over an open connection, its rows left as tuples.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from measuring import report, time_in_turn

from banxway.models.actors import Actor
from banxway.models.phone_numbers import PhoneNumberQuery
from tests.support.databases.postgres import Organization, PostgresServer
from tests.support.gates.routes import handler_of
from tests.support.product.app import Bundle, bundle_of, token
from tests.support.product.events import http_event

ORGANIZATIONS, NUMBERS, ROUNDS = 50, 2000, 60
INTEGRATION_ROWS = """
    SELECT i.id, i.integration_type, i.display_name, i.is_active, i.is_verified, i.last_verified_at, i.created_at,
           i.updated_at, s.settings
    FROM integration_credentials i JOIN integration_settings s ON s.integration_id = i.id"""
NUMBER_ROWS = """
    SELECT id, phone_number, display_name, number_type, can_call, can_sms, is_active, is_primary,
           assigned_to_user_id, created_at
    FROM organization_phone_numbers WHERE organization_id = %s AND is_active ORDER BY phone_number"""


def fill(bundle: Bundle) -> list[Organization]:
    """Add the organizations, four integrations each, and the numbers of the first."""
    organizations = [bundle.database.add_organization(f"Company {n}") for n in range(ORGANIZATIONS)]
    bundle.database.rows(
        """INSERT INTO integration_credentials
               (id, organization_id, integration_type, credentials_encrypted, display_name, is_verified)
           SELECT gen_random_uuid(), o.id, kind, repeat('A', 400), 'Main account', true
           FROM organizations o,
                unnest(ARRAY['exotel_phone', 'exotel_whatsapp', 'exotel_sms', 'zoho_mail']) AS kind"""
    )
    bundle.database.rows(
        """INSERT INTO integration_settings (organization_id, integration_id, settings)
           SELECT organization_id, id, '{"virtual_number": "01141169368", "caller_id": "01141169368"}'
           FROM integration_credentials"""
    )
    bundle.database.rows(
        """INSERT INTO organization_phone_numbers
               (id, organization_id, integration_id, phone_number, display_name, is_primary)
           SELECT gen_random_uuid(), organization_id, id, '+91114' || lpad(n::text, 7, '0'), 'Line ' || n, n = 1
           FROM integration_credentials, generate_series(1, %s) AS n
           WHERE organization_id = %s AND integration_type = 'exotel_phone'""",
        (NUMBERS, organizations[0].id),
    )
    bundle.database.rows("ANALYZE")
    return organizations


def requester(bundle: Bundle, area: str, user_id: UUID) -> Callable[[], dict[str, Any]]:
    """Return a call that requests a settings list as a signed-in user, through the whole function."""
    path = f"/api/v1/settings/{area.replace('_', '-')}"
    headers = {"authorization": f"Bearer {token(user_id)}"}
    event, handler = http_event("GET", path, headers=headers), handler_of(f"{area}/list")
    return lambda: bundle.call(handler, event)


def check_counts(listings: list[Callable[[], dict[str, Any]]], *, each: int) -> None:
    if not all(f'"count": {each}' in listing()["body"] for listing in listings):
        raise RuntimeError(f"a list does not have its {each} rows")


def measure_integrations(
    bundle: Bundle, connection: psycopg.Connection, organizations: list[Organization]
) -> None:
    listings = [requester(bundle, "integrations", each.admin) for each in organizations]
    check_counts(listings, each=4)
    by_organization = INTEGRATION_ROWS + " WHERE i.organization_id = %s"
    subjects = {
        "50 requests, 4 integrations each": lambda: [listing() for listing in listings],
        "50 bare queries, 4 rows each": lambda: [
            connection.execute(by_organization, (each.id,)).fetchall() for each in organizations
        ],
        "one bare query, 200 rows": lambda: connection.execute(INTEGRATION_ROWS).fetchall(),
    }
    first, second, third = subjects
    figures = time_in_turn(subjects, rounds=ROUNDS)
    report("200 integrations", figures, baselines={first: [second, third], second: [third]})


def measure_numbers(bundle: Bundle, connection: psycopg.Connection, organization: Organization) -> None:
    listing = requester(bundle, "phone_numbers", organization.admin)
    check_counts([listing], each=NUMBERS)
    actor = Actor(user_id=organization.admin, organization_id=organization.id, role="admin", email="")
    query = PhoneNumberQuery()
    subjects = {
        "one request": listing,
        "of it, rows and models": lambda: bundle.app.phone_numbers.list_page(actor=actor, query=query),
        "one bare query": lambda: connection.execute(NUMBER_ROWS, (organization.id,)).fetchall(),
    }
    request, rows, bare = subjects
    figures = time_in_turn(subjects, rounds=ROUNDS)
    report("2,000 phone numbers", figures, baselines={request: [bare], rows: [bare]})


@contextmanager
def running_bundle() -> Iterator[Bundle]:
    with (
        PostgresServer.running() as server,
        server.database() as database,
        tempfile.TemporaryDirectory() as folder,
        bundle_of(database, Path(folder)) as bundle,
    ):
        yield bundle


def main() -> None:
    with running_bundle() as bundle:
        organizations = fill(bundle)
        with psycopg.connect(bundle.database.superuser_url, autocommit=True) as connection:
            measure_integrations(bundle, connection, organizations)
            measure_numbers(bundle, connection, organizations[0])


if __name__ == "__main__":
    main()
