"""Every recorded event can be replayed: its function takes it, over a real database, and does not fall over.

What functions should answer is tests/functions' business; here an event must not have grown stale.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.support.recorded_events import event, functions_of_events, names
from tests.support.rules import Sentences, rule
from tests.support.template_file import template

if TYPE_CHECKING:
    from tests.support.app import Bundle
    from tests.support.postgres import Organization, PostgresServer

ORIGIN = "https://console.example.com"
OTHER_ANSWERS = {
    "integrations/get__unknown_type": 422,
    "integrations/configure__unknown_field": 422,
    "threads/send_message__unknown_field": 422,
    # Accepted: a worker does it.
    "maintenance/start_rotation__admin": 202,
    # Nobody has handed this ticket out.
    "realtime/connect__with_ticket": 401,
    "realtime/connect__without_ticket": 401,
    # The rows that these name exist only where somebody made them.
    "threads/get__one": 404,
    "threads/update__close_and_tag": 404,
    "threads/update__assign_to_nobody": 404,
    "threads/split__at_one_message": 404,
    "threads/set_customer__suggested": 404,
    "threads/preview_message__email": 404,
    "threads/mark_read__one": 404,
    "threads/list_messages__newest": 404,
    "threads/send_message__whatsapp": 404,
    "threads/send_message__email": 404,
    "threads/send_message__guide_email": 404,
    "threads/send_message__guide_whatsapp": 404,
    "messages/send_template__approved": 404,
    "messages/send_template__guide": 404,
    "customers/get__one": 404,
    "customers/update__rename": 404,
    "customers/add_address__email": 404,
    "customers/add_address__phone": 404,
    "customers/remove_address__one": 404,
    "customers/merge__two": 404,
    "customers/unmerge__two": 404,
    "messages/retry__one_that_failed": 404,
    "messages/create_upload__pdf": 201,
    "messages/get_attachment__one": 404,
    "messages/get_part__body": 404,
    "messages/get_original__one": 404,
    "messages/get_display__with_remote_images": 404,
    # Nobody has signed this link.
    "messages/show_display__unsigned": 401,
    "email_accounts/poll_now__one": 404,
    "email_accounts/get__one": 404,
    "email_accounts/update__polling": 404,
    "email_accounts/update__password": 404,
    "email_accounts/delete__one": 404,
    "email_accounts/list_folders__one": 404,
    "email_templates/get__one": 404,
    "email_templates/update__subject": 404,
    "email_templates/delete__one": 404,
    "email_templates/preview__filled": 404,
    "email_sync/compare__one": 404,
    "status/dismiss_notification__one": 404,
    "integrations/get__phone": 404,
    "integrations/get_credentials__phone": 404,
    "integrations/update__rename_and_revoke": 404,
    "integrations/sync__phone": 404,
    "integrations/sync_templates__all": 404,
    "integrations/delete__phone": 404,
    "phone_numbers/assign__to_a_member": 404,
    "phone_numbers/assign__to_nobody": 404,
    "phone_numbers/update__rename": 404,
    "team/update_member__deactivate": 404,
    "integrations/set_permission__agent_may_send": 422,
    "email_rules/get__one": 404,
    "email_rules/update__switch_off": 404,
    "email_rules/delete__one": 404,
    # Names rules that are not all there are.
    "email_rules/reorder__two": 422,
    "email_rules/list_traces__of_one_message": 404,
    "auto_replies/get_vacation__of_one_mailbox": 404,
    "auto_replies/set_vacation__for_two_weeks": 404,
}


@pytest.fixture(scope="module")
def bundle(postgres: "PostgresServer", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Bundle]":
    """One deployment for all events, since none depends on another."""
    # What follows reads it as well; here it is a sentence if it cannot be read.
    template()
    from tests.support.app import bundle_of

    blobs = Path(tmp_path_factory.mktemp("blobs"))
    with postgres.database() as database, bundle_of(database, blobs, console_origin=ORIGIN) as made:
        yield made


@rule
def test_every_request_is_answered(bundle: "Bundle") -> Sentences:
    """Each by an admin of an organization that has nothing yet."""
    from tests.support.app import token

    for name, function in functions_of_events():
        if _is_answered(name):
            organization = bundle.database.add_organization()
            reference = _reference(bundle, organization, function)
            replayed = event(name, token=token(organization.admin), reference=reference)
            answer = _outcome(bundle, function, replayed)
            wanted = (OTHER_ANSWERS[name],) if name in OTHER_ANSWERS else (200, 201)
            if not isinstance(answer, dict) or answer["statusCode"] not in wanted:
                yield f"{name} should be answered with {' or '.join(map(str, wanted))}, and is with {answer}"


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


def _outcome(bundle: "Bundle", function: Any, replayed: dict[str, Any]) -> Any:
    """Return what a function answers, or what it raises: the other events are replayed all the same."""
    try:
        return bundle.call(function.handler, replayed)
    except Exception as error:  # noqa: BLE001  # whatever it is, the test says which event raised it
        return error


def _reference(bundle: "Bundle", organization: "Organization", function: Any) -> str | None:
    if function.kind != "webhook":
        return None
    return bundle.app.references.for_unit(
        function.handler.webhook,
        organization_id=organization.id,
        unit_id=uuid4(),
        expires_in=timedelta(hours=1),
    )
