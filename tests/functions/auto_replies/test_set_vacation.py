"""A vacation responder is set whole, by a manager, and audited."""

import pytest

AWAY = {
    "is_active": True,
    "starts_at": "2026-12-21T00:00:00+05:30",
    "ends_at": "2027-01-04T00:00:00+05:30",
    "subject": "We are away",
    "content_text": "Back on Monday.",
    "repeat_after_days": 14,
}


def _set(bundle, organization, path, body):
    return bundle.request("PUT", path, user=organization.manager, body=body)


def test_what_was_set_is_shown_and_audited(bundle, organization, path):
    responder = _set(bundle, organization, path, AWAY).data

    assert bundle.get(path, organization.agent).data == responder
    assert (responder["starts_at"], responder["ends_at"]) == ("2026-12-20T18:30:00Z", "2027-01-03T18:30:00Z")
    assert (responder["subject"], responder["repeat_after_days"]) == ("We are away", 14)
    assert responder["activated_at"]
    (entry,) = bundle.database.rows(
        "SELECT details FROM integration_audit_logs WHERE organization_id = %s AND action = 'vacation.update'",
        (organization.id,),
    )
    assert (entry["details"]["before"]["is_active"], entry["details"]["after"]["is_active"]) == (False, True)


def test_it_is_activated_when_it_goes_from_off_to_on(bundle, organization, path):
    moments = []
    for is_active in (True, True, False, True):
        moments.append(_set(bundle, organization, path, AWAY | {"is_active": is_active}).data["activated_at"])
        bundle.database.rows(
            """UPDATE vacation_responders SET activated_at = activated_at - interval '1 hour'
               WHERE organization_id = %s""",
            (organization.id,),
        )

    first, kept, off, again = moments
    assert off is None
    assert kept < first <= again


def test_the_text_is_derived_where_only_html_is_given(bundle, organization, path):
    responder = _set(
        bundle, organization, path, {"is_active": True, "content_html": "<p>Back <b>soon</b></p>"}
    ).data

    assert responder["content_text"] == "Back soon"


REFUSED = {
    "nothing to say": ({"content_text": ""}, "content_text"),
    "an end before the start": ({"ends_at": "2026-12-01T00:00:00Z"}, "ends_at"),
    "an end that is not a text": ({"ends_at": 5}, "ends_at"),
    "an end of digits": ({"ends_at": "5"}, "ends_at"),
    "a beginning before all time": ({"starts_at": "0001-01-01T00:00:00+23:59"}, "starts_at"),
    "an end after all time": ({"ends_at": "9999-12-31T23:59:59-23:59"}, "ends_at"),
    "a time without a zone": ({"starts_at": "2026-12-21T00:00:00"}, "starts_at"),
    "a subject of two lines": ({"subject": "We are\r\nBcc: all@example.com"}, "subject"),
    "a period of none": ({"repeat_after_days": 0}, "repeat_after_days"),
    "a period of a year": ({"repeat_after_days": 365}, "repeat_after_days"),
    "an unknown field": ({"activated_at": "2026-01-01T00:00:00Z"}, "activated_at"),
}


@pytest.mark.parametrize(("change", "field"), REFUSED.values(), ids=REFUSED)
def test_what_breaks_a_rule_is_named_and_nothing_is_saved(bundle, organization, path, change, field):
    answer = _set(bundle, organization, path, AWAY | change)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})
    assert bundle.get(path, organization.agent).data["is_active"] is False
