"""A mailbox's vacation responder, off until somebody sets it."""

from uuid import uuid4


def test_a_responder_that_was_never_set_is_off(bundle, organization, path):
    responder = bundle.get(path, organization.agent).data

    assert (responder["is_active"], responder["repeat_after_days"], responder["activated_at"]) == (
        False,
        7,
        None,
    )


def test_a_mailbox_that_is_not_there_is_not_found(bundle, organization):
    answer = bundle.get(f"/api/v1/settings/email-accounts/{uuid4()}/vacation", organization.agent)

    assert (answer.status, answer.json["error"]) == (404, "Email account not found")
