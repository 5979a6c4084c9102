"""Listing mailboxes."""

from tests.support.product.stories import SUPPORT, add_mailbox

PATH = "/api/v1/settings/email-accounts"


def test_mailboxes_are_listed_and_counted_without_passwords(bundle, organization):
    added = add_mailbox(bundle, organization.admin)

    answer = bundle.get(PATH, organization.agent)

    assert answer.json == {"success": True, "data": [added], "count": 1, "next_cursor": None}
    assert "your_app_password" not in answer.text
    assert "credentials" not in answer.text


def test_another_organizations_mailboxes_are_not_listed(bundle, organization):
    add_mailbox(bundle, bundle.database.add_organization("Other").admin)

    assert bundle.get(PATH, organization.agent).json == {
        "success": True,
        "data": [],
        "count": 0,
        "next_cursor": None,
    }


def test_the_default_comes_first(bundle, organization):
    add_mailbox(bundle, organization.admin, email="a@yourdomain.com", is_default=False)
    add_mailbox(bundle, organization.admin)

    assert [each["email"] for each in bundle.get(PATH, organization.agent).data] == [
        SUPPORT,
        "a@yourdomain.com",
    ]


def note_folder(
    bundle, organization, account, name="INBOX", *, role="inbox", on_server=None, stored=0, done=False
):
    bundle.database.rows(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity, role, messages, synced_at)
           VALUES (%s, %s, %s, 7, %s, %s, CASE WHEN %s THEN now() END)""",
        (organization.id, account["id"], name, role, on_server, done),
    )
    bundle.database.rows(
        """INSERT INTO mailbox_messages (organization_id, account_id, folder, uid_validity, uid, size_bytes)
           SELECT %s, %s, %s, 7, uid, 1 FROM generate_series(1, %s) AS uid""",
        (organization.id, account["id"], name, stored),
    )


def first_sync(bundle, organization):
    (account,) = bundle.get(PATH, organization.agent).data
    return account["first_sync"]


def test_the_first_sync_shows_how_far_it_is_over_the_folders_that_are_synced(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    note_folder(bundle, organization, account, on_server=12, stored=5)
    note_folder(bundle, organization, account, "Sent", role="sent", on_server=3, stored=0)
    note_folder(bundle, organization, account, "Trash", role="trash", on_server=100)

    assert first_sync(bundle, organization) == {"stored": 5, "on_server": 15}


def test_the_first_sync_is_over_when_every_synced_folder_was_read_to_its_end(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    assert first_sync(bundle, organization) is None, "before the first poll nothing is known"
    note_folder(bundle, organization, account, on_server=12, stored=12, done=True)
    note_folder(bundle, organization, account, "Trash", role="trash", on_server=100)

    assert first_sync(bundle, organization) is None


def test_mail_that_came_after_the_first_look_makes_the_first_sync_no_more_than_whole(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    note_folder(bundle, organization, account, on_server=12, stored=14)

    assert first_sync(bundle, organization) == {"stored": 14, "on_server": 14}
