"""Rules are listed in the order in which they run, with how often each fired lately."""

from tests.support.product.stories import mail_arrived


def test_rules_stand_in_their_order(bundle, organization, add_rule):
    for name in ("b", "a"):
        add_rule(name=name)

    answer = bundle.get("/api/v1/settings/email-rules", organization.manager)

    assert [rule["name"] for rule in answer.data] == ["b", "a"]
    assert answer.json["count"] == 2


def test_without_rules_the_list_is_empty(bundle, organization):
    assert bundle.get("/api/v1/settings/email-rules", organization.manager).data == []


def fire(bundle, organization, rule, *, days_ago=0, message=None):
    bundle.database.rows(
        """INSERT INTO email_rule_traces (id, organization_id, message_id, rule_id, rule_name, matched, performed,
                                          created_at)
           VALUES (gen_random_uuid(), %s, %s, %s, 'Invoices', '[]', '[]', now() - make_interval(days => %s))""",
        (organization.id, message, rule["id"], days_ago),
    )


def test_a_rule_says_how_often_it_fired_in_the_last_seven_days(bundle, organization, add_rule):
    mail_arrived(bundle, organization)
    (message,) = bundle.database.rows(
        "SELECT id FROM messages WHERE organization_id = %s", (organization.id,)
    )
    busy, quiet = add_rule(name="busy"), add_rule(name="quiet")
    for days_ago in (0, 6, 8):
        fire(bundle, organization, busy, days_ago=days_ago, message=message["id"])
    fire(bundle, organization, quiet, days_ago=8, message=message["id"])

    answer = bundle.get("/api/v1/settings/email-rules", organization.manager)

    assert {rule["name"]: rule["fired_last_7_days"] for rule in answer.data} == {"busy": 2, "quiet": 0}
