"""Notifications: opened once while something is wrong, however often and by however many it is found."""

from collections.abc import Callable

from banxway.errors import ProviderDenied
from banxway.models.actors import Actor
from banxway.models.status.notifications import INTEGRATION_FAILED, NotificationQuery
from banxway.security import redaction
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.fakes import refused
from tests.support.timing.racing import Background, held_changes, patient, until_waiting

Twin = Callable[..., Product]
SENTENCE = "Exotel refused the credentials"


def open_one(product: Product, organization: Organization, *, sentence: str = SENTENCE) -> bool:
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        return product.app.status.notifications.open(
            transaction,
            organization_id=organization.id,
            kind=INTEGRATION_FAILED,
            subject="exotel_phone",
            sentence=sentence,
        )


def close(product: Product, organization: Organization) -> bool:
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        return product.app.status.notifications.close(transaction, INTEGRATION_FAILED, "exotel_phone")


def actions(product: Product, organization: Organization) -> list[str]:
    return [entry["action"] for entry in product.audit(organization)]


def change_kinds(product: Product) -> list[str]:
    rows = product.database.rows("SELECT kind FROM changes ORDER BY organization_id, sequence")
    return [row["kind"] for row in rows]


def test_what_is_found_again_and_again_is_reported_once(product: Product, organization: Organization) -> None:
    was_opened = [open_one(product, organization) for _ in range(3)]

    rows = product.database.rows("SELECT kind, subject, sentence, closed_at FROM notifications")
    assert was_opened == [True, False, False]
    assert rows == [
        {
            "kind": INTEGRATION_FAILED,
            "subject": "exotel_phone",
            "sentence": SENTENCE,
            "closed_at": None,
        }
    ]
    assert actions(product, organization) == ["notification.created"]
    assert change_kinds(product) == ["notification.created"]


def test_what_many_find_at_once_is_reported_once(
    product: Product, twin: Twin, organization: Organization
) -> None:
    finders = [twin() for _ in range(8)]

    def find(process: Product) -> bool:
        patient(process.app)
        return open_one(process, organization)

    # All look before the first has committed.
    with held_changes(product.database, organization.id):
        finding = [Background(lambda each=each: find(each)) for each in finders]
        until_waiting(product.database, len(finders))

    assert sorted(one.result() for one in finding) == [False] * 7 + [True]
    assert actions(product, organization) == ["notification.created"]


def test_what_is_repaired_is_closed_once_and_opened_again_when_it_breaks(
    product: Product, organization: Organization
) -> None:
    open_one(product, organization)

    was_closed = [close(product, organization) for _ in range(2)]
    was_opened = open_one(product, organization)

    assert (was_closed, was_opened) == ([True, False], True)
    assert actions(product, organization) == [
        "notification.created",
        "notification.closed",
        "notification.created",
    ]
    assert change_kinds(product) == actions(product, organization)


def test_a_secret_in_a_sentence_reaches_neither_the_notification_nor_the_audit(
    product: Product, organization: Organization
) -> None:
    redaction.remember("canary-of-the-token")

    open_one(product, organization, sentence="Exotel refused canary-of-the-token for support@yourdomain.com")

    (row,) = product.database.rows("SELECT sentence FROM notifications")
    assert row["sentence"] == "Exotel refused *** for support@yourdomain.com"
    assert "canary" not in str(product.audit(organization))
    redaction.forget_all()


def test_nothing_of_it_stays_if_what_it_tells_of_is_rolled_back(
    product: Product, organization: Organization
) -> None:
    class WorkFailed(Exception):
        """The work that the notification is committed with."""

    try:
        with product.app.infrastructure.database.organization(organization.id) as transaction:
            product.app.status.notifications.open(
                transaction,
                organization_id=organization.id,
                kind=INTEGRATION_FAILED,
                subject="exotel_phone",
                sentence=SENTENCE,
            )
            raise WorkFailed
    except WorkFailed:
        pass

    assert product.database.rows("SELECT FROM notifications") == []
    assert product.audit(organization) == []
    assert change_kinds(product) == []


def test_credentials_that_are_refused_while_sending_are_reported_once(
    product: Product, organization: Organization, admin: Actor
) -> None:
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    product.providers.whatsapp.sending.always(refused(ProviderDenied, "Exotel refused the credentials"))

    for _ in range(3):
        product.app.messages.deliver.deliver(
            organization_id=organization.id, message_id=product.add_message(organization, thread)
        )

    page = product.app.status.notifications.list_page(actor=admin, query=NotificationQuery())
    (notification,) = page.rows
    (integration,) = product.database.rows("SELECT is_verified FROM integration_credentials")
    assert (notification.kind, notification.subject) == (INTEGRATION_FAILED, "exotel_whatsapp")
    assert "/settings/integrations?tab=whatsapp" in notification.sentence
    assert integration["is_verified"] is False
    assert actions(product, organization).count("notification.created") == 1
    assert actions(product, organization).count("message.send") == 3
