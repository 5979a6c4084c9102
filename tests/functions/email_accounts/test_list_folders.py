"""A mailbox's folders as last listed, and which of them are synced."""

from uuid import uuid4

from tests.support.product.stories import add_mailbox

PATH = "/api/v1/settings/email-accounts/{}/folders"


def list_on_server(bundle, organization, account, **roles):
    for name, role in roles.items():
        bundle.database.rows(
            """INSERT INTO email_folders (organization_id, account_id, name, uid_validity, role)
               VALUES (%s, %s, %s, 1, %s)""",
            (organization.id, account["id"], name, role),
        )


def synced(answer):
    return {each["name"]: each["is_synced"] for each in answer.data}


def test_without_a_choice_inbox_sent_and_spam_are_synced(bundle, organization):
    account = add_mailbox(bundle, organization.admin)
    list_on_server(
        bundle, organization, account, INBOX="inbox", Sent="sent", Spam="junk", Trash="trash", Notes="other"
    )

    answer = bundle.get(PATH.format(account["id"]), organization.agent)

    assert synced(answer) == {"INBOX": True, "Sent": True, "Spam": True, "Trash": False, "Notes": False}
    assert answer.json["count"] == 5
    assert answer.data[0] == {
        "name": "INBOX",
        "role": "inbox",
        "exists": True,
        "is_synced": True,
        "synced_at": None,
        "problem": None,
        "renamed_to": None,
    }


def test_a_choice_decides_and_what_it_names_in_vain_is_shown(bundle, organization):
    account = add_mailbox(bundle, organization.admin, folders=["INBOX", "Notes", "Gone", "Never"])
    list_on_server(bundle, organization, account, INBOX="inbox", Sent="sent", Notes="other", Gone="other")
    bundle.database.rows(
        "UPDATE email_folders SET is_listed = false WHERE name = 'Gone' AND account_id = %s", (account["id"],)
    )

    answer = bundle.get(PATH.format(account["id"]), organization.agent)

    assert synced(answer) == {"INBOX": True, "Sent": False, "Notes": True, "Gone": False, "Never": False}
    assert [each["name"] for each in answer.data if not each["exists"]] == ["Gone", "Never"]


def test_before_the_first_poll_no_folder_is_known(bundle, organization):
    account = add_mailbox(bundle, organization.admin, folders=["INBOX"])

    assert bundle.get(PATH.format(account["id"]), organization.agent).data == []


def test_an_unknown_mailbox_is_not_found(bundle, organization):
    assert bundle.get(PATH.format(uuid4()), organization.agent).status == 404
