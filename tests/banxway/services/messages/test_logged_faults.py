"""A fault that is handled leaves one line in the log, with the ids by which it is found elsewhere."""

import json
from uuid import UUID

import psycopg
import pytest

from banxway import errors
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.fakes import refused


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (errors.OutcomeUnknown, "ERROR", {"message": "send failed", "outcome": "unknown"}),
        (errors.ProviderRejected, "WARNING", {"message": "send failed", "outcome": "failed"}),
        (errors.ProviderThrottled, "WARNING", {"message": "send put off", "code": "provider_throttled"}),
        (errors.ProviderUnavailable, "WARNING", {"message": "send put off", "code": "provider_unavailable"}),
    ],
    ids=["unknown", "refused", "429", "no connection"],
)
def test_a_send_that_does_not_go_as_it_should_is_one_line(
    product: Product,
    organization: Organization,
    queued: UUID,
    capsys: pytest.CaptureFixture[str],
    error: type[errors.ProviderError],
    level: str,
    said: dict[str, str],
) -> None:
    product.providers.whatsapp.sending.then(refused(error))

    product.deliver(organization, queued)

    (line,) = lines(capsys)
    row = product.row(queued)
    assert line["level"] == level
    assert said.items() <= line.items()
    assert (line["organization_id"], line["message_id"]) == (str(organization.id), str(queued))
    assert (line["thread_id"], line["channel"], line["attempt"]) == (str(row["thread_id"]), "WHATSAPP", 1)
    assert line["error"]


def test_a_send_that_works_leaves_no_line(
    product: Product, organization: Organization, queued: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    product.deliver(organization, queued)

    assert lines(capsys) == []


def test_a_mail_that_the_server_puts_off_is_one_line_with_its_words(
    product: Product, organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    account = product.add_mailbox(organization)
    mail = product.add_message(
        organization,
        product.add_thread(organization, email="asha@customer.example"),
        channel="EMAIL",
        sender=SUPPORT,
        recipient="asha@customer.example",
        subject="Parcel",
        email_account_id=account,
        mail_message_id="ours@yourdomain.com",
    )
    product.providers.mail_sender.sending.then(refused(errors.ProviderThrottled))

    product.deliver(organization, mail)

    (line,) = lines(capsys)
    assert (line["message"], line["message_id"], line["channel"]) == ("send put off", str(mail), "EMAIL")
    assert isinstance(line["retry_in_s"], int)


def test_a_sender_that_died_is_one_line(
    product: Product, organization: Organization, queued: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    product.database.rows(
        "UPDATE messages SET status = 'sending', lease_until = now() - interval '1 minute', lease_id = %s,"
        " hand_over_began_at = now()",
        (queued,),
    )

    product.app.maintenance.sweep.sweep()

    (line,) = lines(capsys)
    assert (line["level"], line["outcome"], line["code"]) == ("ERROR", "unknown", "lease_expired")
    assert (line["organization_id"], line["message_id"]) == (str(organization.id), str(queued))


def test_a_database_connection_that_was_cut_is_one_line_and_nothing_fails(
    product: Product, organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        pid = transaction.single("SELECT pg_backend_pid() AS pid")["pid"]
    product.database.rows("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        assert transaction.single("SELECT 1 AS one")["one"] == 1

    (line,) = lines(capsys)
    assert line["message"] == "the database connection is gone and is opened again"


def test_a_full_disk_of_the_database_is_said_to_be_one(product: Product, organization: Organization) -> None:
    with (
        pytest.raises(errors.Unavailable, match="The disk of the database is full; nothing was changed"),
        product.app.infrastructure.database.organization(organization.id),
    ):
        raise psycopg.errors.DiskFull("could not extend file")
