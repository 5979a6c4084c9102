"""Rules for inbound mail: written in words, tried on past messages, put in order, switched on and off."""

import pytest
from playwright.sync_api import expect

PATH = "/settings/rules"
API = "/settings/email-rules"
INVOICE = {"field": "subject", "operator": "contains", "value": "invoice"}


def add(company, name, **changes):
    body = {"name": name, "conditions": [INVOICE], "actions": [{"type": "tag", "tag": "invoice"}], **changes}
    return company.admin.ask(API, body)


def test_a_rule_is_written_tried_on_past_messages_and_then_switched_on(screen, company):
    account_id = company.connect_mailbox()
    for subject in ("Invoice 4711", "Parcel"):
        company.write_mail(subject, "Hello")
    company.admin.ask(f"/settings/email-accounts/{account_id}/poll-now", {})
    screen.open(PATH)
    screen.page.get_by_role("button", name="Write the first one").click()
    screen.page.get_by_label("Name").fill("Invoices")
    screen.page.get_by_role("textbox", name="Condition 1: value").fill("invoice")
    screen.page.get_by_role("textbox", name="Action 1: value").fill("invoice")

    screen.page.get_by_role("button", name="Try it").click()

    expect(screen.page.get_by_text("It would have fired for 1 mail of 2.")).to_be_visible()
    row = screen.page.get_by_role("row").filter(has_text="Invoice 4711")
    expect(row).to_contain_text("subject contains “invoice”: “Invoice 4711”")
    assert company.admin.read(API) == []
    screen.is_right("rule-tried")
    screen.page.get_by_role("switch", name="Run this rule").check()
    screen.page.get_by_role("button", name="Save rule").click()
    expect(screen.heading).to_have_text("Invoices")
    (rule,) = company.admin.read(API)
    assert (rule["is_active"], rule["conditions"]) == (True, [{"negate": False, **INVOICE}])

    company.write_mail("Invoice 4712", "Hello")
    company.admin.ask(f"/settings/email-accounts/{account_id}/poll-now", {})
    screen.open(PATH)
    expect(screen.page.get_by_role("row").filter(has_text="Invoices")).to_contain_text("once in 7 days")
    screen.is_right("rules")


def test_the_order_changes_by_the_keyboard_alone_and_the_focus_stays_with_the_rule(screen, company):
    for name in ("First", "Second", "Third"):
        add(company, name)
    screen.open(PATH)
    down = screen.page.get_by_role("button", name="Move First down")
    down.focus()

    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_text("First is now 2 of 3")).to_have_count(1)
    expect(down).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_text("First is now 3 of 3")).to_have_count(1)

    expect(screen.page.get_by_role("button", name="Move First up")).to_be_focused()
    assert [rule["name"] for rule in company.admin.read(API)] == ["Second", "Third", "First"]


def test_a_rule_says_in_words_what_it_does_and_is_switched_off(screen, company):
    add(
        company,
        "Big files",
        match="any",
        conditions=[
            {"field": "attachment_larger_than", "size_bytes": 5_000_000},
            {"field": "sender", "operator": "ends_with", "value": "@bank.example", "negate": True},
        ],
        actions=[{"type": "assign", "user_id": str(company.agent.id)}, {"type": "stop"}],
    )
    screen.open(PATH)

    row = screen.page.get_by_role("row").filter(has_text="Big files")
    expect(row).to_contain_text(
        "If size of an attachment is larger than 5 MB or sender does not end with “@bank.example”"
    )
    expect(row).to_contain_text("→ assign the thread to Agent, run no further rules")
    expect(row).to_contain_text("not in 7 days")
    screen.page.get_by_role("switch", name="Run Big files").focus()
    screen.page.keyboard.press("Space")
    expect(screen.page.get_by_role("switch", name="Run Big files")).not_to_be_checked()
    assert not company.admin.read(API)[0]["is_active"]


def test_opening_and_saving_a_rule_changes_none_of_its_conditions(screen, company):
    conditions = [
        {"field": "header", "name": "X-Priority", "operator": "equals", "value": "1", "negate": True},
        {"field": "has_attachment", "negate": True},
        {"field": "attachment_larger_than", "size_bytes": 1_500_000, "negate": False},
        {"field": "business_hours", "is_open": False, "negate": False, "hours": {"timezone": "Asia/Kolkata"}},
        {"field": "origin", "value": "bulk", "negate": False},
    ]
    rule = add(company, "All kinds", conditions=conditions)
    screen.open(f"{PATH}/{rule['id']}")
    screen.page.get_by_label("Name").fill("All kinds again")

    screen.page.get_by_role("button", name="Save rule").click()

    expect(screen.heading).to_have_text("All kinds again")
    (after,) = company.admin.read(API)
    assert after["conditions"] == rule["conditions"]


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("Name", "Enter a name for the rule."),
        ("Condition 1: value", "Enter what to compare with."),
        ("Action 1: value", "Enter the tag."),
    ],
)
def test_what_is_missing_is_said_at_its_field(screen, company, label, sentence):
    screen.open(f"{PATH}/new")
    values = {"Name": "Invoices", "Condition 1: value": "invoice", "Action 1: value": "invoice"}
    for each, value in values.items():
        screen.page.get_by_role("textbox", name=each).fill("" if each == label else value)

    screen.page.get_by_role("button", name="Save rule").click()

    expect(screen.page.get_by_role("textbox", name=label)).to_be_focused()
    expect(screen.page.get_by_text(sentence)).to_be_visible()
    screen.is_right("rule-incomplete")
    assert company.admin.read(API) == []


def test_what_the_server_refuses_is_said_at_the_action(screen, company):
    company.connect_mailbox()
    screen.open(f"{PATH}/new")
    screen.page.get_by_role("textbox", name="Name").fill("Loop")
    screen.page.get_by_role("button", name="Remove condition 1").click()
    screen.page.get_by_role("combobox", name="Action 1: what").click()
    screen.page.get_by_role("option", name="Forward to").click()
    screen.page.get_by_role("textbox", name="Action 1: value").fill(company.mailbox["email"])

    screen.page.get_by_role("button", name="Save rule").click()

    expect(screen.page.get_by_text("Must not be a mailbox of this organization")).to_be_visible()
    expect(screen.page.get_by_role("textbox", name="Action 1: value")).to_be_focused()


def test_an_agent_reads_who_may_see_rules(screen_of, company):
    screen = screen_of(company.agent.email)
    screen.open(PATH)

    expect(screen.heading).to_have_text("You may not see this page")
    expect(screen.page.get_by_text("It needs the role admin or manager.")).to_be_visible()
    assert company.agent.get(API).status_code == 403


def test_a_deleted_rule_is_gone(screen, company):
    rule = add(company, "Invoices")
    screen.open(f"{PATH}/{rule['id']}")
    screen.page.get_by_role("button", name="Delete this rule").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Delete this rule").click()

    expect(screen.page.get_by_role("heading", name="No rules yet")).to_be_visible()
    assert company.admin.read(API) == []
