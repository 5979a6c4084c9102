"""Removing a mailbox: its sync state goes, its messages stay, and nothing waits for it in vain."""

from uuid import uuid4

from tests.support.product.stories import SUPPORT, add_mailbox, configure

PATH = "/api/v1/settings/email-accounts"


def delete(bundle, user, account_id):
    return bundle.request("DELETE", f"{PATH}/{account_id}", user=user)


def test_a_mailbox_goes_with_its_sync_state_and_its_messages_stay(bundle, organization, add_mail):
    account = add_mailbox(bundle, organization.admin)
    message = add_mail(account["id"], "sent")
    key = {"o": organization.id, "a": account["id"], "m": message}
    bundle.database.rows(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity)
           VALUES (%(o)s, %(a)s, 'INBOX', 1)""",
        key,
    )
    bundle.database.rows(
        """INSERT INTO mailbox_messages
               (organization_id, account_id, folder, uid_validity, uid, size_bytes, message_id)
           VALUES (%(o)s, %(a)s, 'INBOX', 1, 1, 10, %(m)s)""",
        key,
    )

    answer = delete(bundle, organization.admin, account["id"])

    assert answer.json == {"success": True, "message": "Email account removed", "data": None}
    assert bundle.get(PATH, organization.admin).data == []
    for table in ("email_folders", "mailbox_messages"):
        assert bundle.database.rows(f"SELECT 1 FROM {table} WHERE account_id = %(a)s", key) == []
    assert bundle.database.rows("SELECT status, email_account_id FROM messages WHERE id = %(m)s", key) == [
        {"status": "sent", "email_account_id": None}
    ]


def test_mail_that_waits_for_it_fails_and_says_why(bundle, organization, add_mail):
    account = add_mailbox(bundle, organization.admin)
    waiting, unknown = add_mail(account["id"], "queued"), add_mail(account["id"], "unknown")

    delete(bundle, organization.admin, account["id"])

    rows = bundle.database.rows(
        "SELECT id, status, failure_reason, failure_advice FROM messages WHERE organization_id = %s",
        (organization.id,),
    )
    by_id = {row.pop("id"): row for row in rows}
    assert by_id[waiting] == {
        "status": "failed",
        "failure_reason": f"The mailbox {SUPPORT} was removed before this message was sent",
        "failure_advice": "Send the message again from another mailbox",
    }
    assert by_id[unknown]["status"] == "unknown"
    listed = bundle.get("/api/v1/communications/changes?since=0", organization.agent).data["changes"]
    assert [each["message_id"] for each in listed if each["kind"] == "message.status"] == [str(waiting)]


def test_the_oldest_that_may_send_becomes_the_default(bundle, organization):
    first = add_mailbox(bundle, organization.admin)
    add_mailbox(bundle, organization.admin, email="a@yourdomain.com", is_default=False, smtp_enabled=False)
    add_mailbox(bundle, organization.admin, email="b@yourdomain.com", is_default=False)
    add_mailbox(bundle, organization.admin, email="c@yourdomain.com", is_default=False)

    delete(bundle, organization.admin, first["id"])

    listed = bundle.get(PATH, organization.admin).data
    assert [each["email"] for each in listed if each["is_default"]] == ["b@yourdomain.com"]


def test_another_default_stays_the_default(bundle, organization):
    add_mailbox(bundle, organization.admin)
    other = add_mailbox(bundle, organization.admin, email="a@yourdomain.com", is_default=False)

    delete(bundle, organization.admin, other["id"])

    (left,) = bundle.get(PATH, organization.admin).data
    assert (left["email"], left["is_default"]) == (SUPPORT, True)


def test_the_integration_of_its_address_becomes_inactive(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")
    (account,) = bundle.get(PATH, organization.admin).data

    delete(bundle, organization.admin, account["id"])

    integration = bundle.get("/api/v1/settings/integrations/zoho_mail", organization.admin).data
    (entry,) = bundle.get("/api/v1/settings/audit-logs?action=mailbox.delete", organization.admin).data
    assert integration["status"] == "Inactive"
    assert entry["details"] == {
        "account_id": account["id"],
        "email": SUPPORT,
        "failed_messages": 0,
        "integration_deactivated": True,
    }


def test_the_same_address_can_be_added_again(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    delete(bundle, organization.admin, account["id"])

    assert add_mailbox(bundle, organization.admin)["email"] == SUPPORT


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    stranger = bundle.database.add_organization("Other")

    assert delete(bundle, organization.admin, uuid4()).status == 404
    assert delete(bundle, stranger.admin, account["id"]).status == 404
    assert len(bundle.get(PATH, organization.admin).data) == 1
