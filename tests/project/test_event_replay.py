"""Every recorded event can be replayed: its function takes it, over a real database, and does not fall over.

What functions should answer is tests/functions' business; here an event must not have grown stale.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.support.gates.recorded_events import event, functions_of_events, names
from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import template

if TYPE_CHECKING:
    from tests.support.databases.postgres import Organization, PostgresServer
    from tests.support.product.app import Bundle

ORIGIN = "https://console.example.com"
AN_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
OTHER_ANSWERS = {
    # Nobody has handed this ticket out.
    "realtime/connect__with_ticket": 401,
    "realtime/connect__without_ticket": 401,
    # Nobody has signed this link.
    "messages/show_display__unsigned": 401,
    # The template's route names no variable: nothing is saved yet.
    "integrations/sync_templates__all": 404,
    # Its user is nobody of this organization.
    "integrations/set_permission__agent_may_send": 422,
    # Nothing was given up.
    "webhooks/test_address__whatsapp": 409,
    "dead_letters/discard__a_group": 409,
    "dead_letters/redrive__dry_run_of_a_group": 409,
    # Names rules that are not all there are.
    "email_rules/reorder__two": 422,
}
"""What an event is answered with where its own words do not say so."""


@pytest.fixture(scope="module")
def bundle(postgres: "PostgresServer", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Bundle]":
    """One deployment for all events, since none depends on another."""
    # What follows reads it as well; here it is a sentence if it cannot be read.
    template()
    from tests.support.product.app import bundle_of

    blobs = Path(tmp_path_factory.mktemp("blobs"))
    with postgres.database() as database, bundle_of(database, blobs, console_origin=ORIGIN) as made:
        yield made


@rule
def test_every_request_is_answered(bundle: "Bundle") -> Sentences:
    """Each by an admin of an organization that has nothing yet."""
    from tests.support.product.app import token

    for name, function in functions_of_events():
        if _is_answered(name):
            organization = bundle.database.add_organization()
            reference = _reference(bundle, organization, function)
            replayed = event(name, token=token(organization.admin), reference=reference)
            answer = _outcome(bundle, function, replayed)
            wanted = _wanted(name, replayed)
            if not isinstance(answer, dict) or answer["statusCode"] not in wanted:
                yield (
                    f"{name} should be answered with {' or '.join(map(str, wanted))}, and is with {answer}. If that "
                    "is right, say so in OTHER_ANSWERS of tests/project/test_event_replay.py"
                )


@rule
def test_every_batch_is_worked_off(bundle: "Bundle") -> Sentences:
    for name, function in functions_of_events():
        if "Records" in event(name) and "unreadable" not in name:
            organization = bundle.database.add_organization()
            answer = _outcome(bundle, function, event(name, item={"organization_id": organization.id}))
            if answer != {"batchItemFailures": []}:
                yield f"{name} is not worked off: {answer}"


@rule
def test_every_tick_is_served(bundle: "Bundle") -> Sentences:
    for name, function in functions_of_events():
        if "__tick" in name or "__by_hand" in name:
            answer = _outcome(bundle, function, event(name))
            if not answer or isinstance(answer, Exception):
                yield f"{name} is not served: {answer!r}"


@rule
def test_every_event_is_replayed() -> Sentences:
    """An event of a kind that none of these tests takes would grow stale unseen."""
    for name, _ in functions_of_events():
        if not (_is_answered(name) or "Records" in event(name) or "__tick" in name or "__by_hand" in name):
            yield f"{name} is replayed by no test"
    for name in sorted(set(OTHER_ANSWERS) - set(names())):
        yield f"{name} is in a table, and not in events/"


def _is_answered(name: str) -> bool:
    return "routeKey" in event(name) or "routeKey" in event(name).get("requestContext", {})


def _wanted(name: str, replayed: dict[str, Any]) -> tuple[int, ...]:
    """Return the statuses that an event may be answered with, in an organization that has nothing yet."""
    if name in OTHER_ANSWERS:
        return (OTHER_ANSWERS[name],)
    if "__unknown_" in name:
        return (422,)
    names_a_row = bool(replayed.get("pathParameters")) or AN_ID.search(str(replayed.get("body")))
    return (200, 201, 202, 404) if names_a_row else (200, 201, 202)


def _outcome(bundle: "Bundle", function: Any, replayed: dict[str, Any]) -> Any:
    """Return what a function answers, or what it raises: the other events are replayed all the same."""
    try:
        return bundle.call(function.handler, replayed)
    except Exception as error:  # noqa: BLE001  # whatever it is, the test says which event raised it
        return error


def _reference(bundle: "Bundle", organization: "Organization", function: Any) -> str | None:
    if function.kind != "webhook":
        return None
    return bundle.app.infrastructure.references.for_unit(
        function.handler.webhook,
        organization_id=organization.id,
        unit_id=uuid4(),
        expires_in=timedelta(hours=1),
    )
