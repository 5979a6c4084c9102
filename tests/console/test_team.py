"""Members and invitations: who is invited, what each may do, and what happens when two admins save at once."""

import re

from playwright.sync_api import expect

TEAM = "/settings/team"


def _members(company):
    return {member["email"]: member for member in company.admin.read(TEAM)}


def _edit(screen, person_name):
    screen.page.get_by_role("button", name=f"Edit {person_name}").click()
    return screen.page.get_by_role("dialog").filter(has_text="Details")


def _name_everybody(company):
    for person, name in ((company.admin, "Asha"), (company.manager, "Mohan"), (company.agent, "Anita")):
        company.admin.patch(f"{TEAM}/{person.id}", {"name": name})


def test_an_invited_person_is_listed_signs_in_and_is_a_member(screen, screen_of, company):
    screen.open("/settings/team")
    screen.page.get_by_role("button", name="Invite", exact=True).click()
    drawer = screen.page.get_by_role("dialog", name="Invite a person")
    address = f"ravi-{company.id}@example.com"
    drawer.get_by_label("Email address").fill(address)
    drawer.get_by_label("Name").fill("Ravi Kumar")
    drawer.get_by_label("Agent").check()
    screen.is_accessible()

    drawer.get_by_role("button", name="Send invitation").dblclick()

    expect(drawer).to_contain_text(f"{address} is invited.")
    expect(drawer).to_contain_text(f"Tell {address} to sign in here:")
    screen.is_right("team-invited")
    drawer.get_by_role("button", name="Done").click()
    row = screen.page.get_by_role("row").filter(has_text=address)
    expect(row).to_contain_text("Invited")
    assert _members(company)[address]["status"] == "invited"
    invitations = company.admin.read("/settings/audit-logs?action=member.invite")
    assert len(invitations) == 1, "a double click invited twice"

    other = screen_of(address)
    expect(other.page.get_by_role("banner")).to_contain_text(company.name)

    screen.page.reload()
    expect(row).to_contain_text("Active")


def test_what_the_api_refuses_is_shown_at_its_field_and_what_is_typed_stays(screen, company):
    screen.open("/settings/team")
    screen.page.get_by_role("button", name="Invite", exact=True).click()
    drawer = screen.page.get_by_role("dialog", name="Invite a person")
    drawer.get_by_label("Email address").fill(company.agent.email)
    drawer.get_by_label("Name").fill("Ravi Kumar")

    drawer.get_by_role("button", name="Send invitation").click()

    expect(drawer.get_by_label("Email address")).to_be_focused()
    expect(drawer).to_contain_text("This address is a member's already")
    expect(drawer.get_by_label("Name")).to_have_value("Ravi Kumar")
    screen.is_right("team-refused")


def test_an_invitation_is_sent_again_and_revoked(screen, company):
    company.admin.ask(TEAM, {"email": f"m-{company.id}@example.com", "name": "Meera", "role": "agent"})
    screen.open("/settings/team")
    drawer = _edit(screen, "Meera")

    drawer.get_by_role("button", name="Send again").click()
    expect(drawer).to_contain_text("is invited.")

    drawer.get_by_role("button", name="Revoke").click()
    dialog = screen.page.get_by_role("dialog", name="Revoke the invitation?")
    screen.is_accessible()
    dialog.get_by_role("button", name="Revoke").click()

    expect(screen.toast("The invitation is revoked.")).to_be_visible()
    expect(screen.page.get_by_role("row").filter(has_text="Meera")).to_have_count(0)
    assert f"m-{company.id}@example.com" not in _members(company)


def test_a_member_is_renamed_once_however_often_save_is_clicked(screen, company):
    _name_everybody(company)
    before = len(company.admin.read("/settings/audit-logs?action=member.update"))
    screen.open("/settings/team")
    drawer = _edit(screen, "Anita")
    drawer.get_by_label("Name").fill("Anita Rao")
    drawer.get_by_label("Manager").check()

    drawer.get_by_role("button", name="Save", exact=True).dblclick()

    expect(screen.toast("The member is saved.")).to_be_visible()
    saved = _members(company)[company.agent.email]
    assert (saved["name"], saved["role"]) == ("Anita Rao", "manager")
    assert len(company.admin.read("/settings/audit-logs?action=member.update")) == before + 1


def test_of_two_admins_the_loser_is_named_the_winner_and_loses_nothing(screen, company):
    _name_everybody(company)
    screen.open("/settings/team")
    drawer = _edit(screen, "Anita")
    drawer.get_by_label("Name").fill("Anita of the loser")
    company.admin.patch(f"{TEAM}/{company.agent.id}", {"name": "Anita of the winner"})

    drawer.get_by_role("button", name="Save", exact=True).click()

    notice = drawer.get_by_role("alert")
    expect(notice).to_contain_text("Somebody else saved this while you were editing")
    expect(notice).to_contain_text("Asha saved it")
    expect(drawer.get_by_label("Name")).to_have_value("Anita of the loser")
    assert _members(company)[company.agent.email]["name"] == "Anita of the winner"
    screen.is_right("team-changed-meanwhile")

    notice.get_by_role("button", name="Save mine over it").click()
    expect(screen.toast("The member is saved.")).to_be_visible()
    assert _members(company)[company.agent.email]["name"] == "Anita of the loser"


def test_the_loser_may_take_what_the_winner_saved(screen, company):
    _name_everybody(company)
    screen.open("/settings/team")
    drawer = _edit(screen, "Anita")
    drawer.get_by_label("Name").fill("Anita of the loser")
    company.admin.patch(f"{TEAM}/{company.agent.id}", {"name": "Anita of the winner"})
    drawer.get_by_role("button", name="Save", exact=True).click()

    drawer.get_by_role("button", name="Discard mine and show theirs").click()

    expect(drawer.get_by_label("Name")).to_have_value("Anita of the winner")
    drawer.get_by_label("Name").fill("Anita of both")
    drawer.get_by_role("button", name="Save", exact=True).click()
    expect(screen.toast("The member is saved.")).to_be_visible()
    assert _members(company)[company.agent.email]["name"] == "Anita of both"


def test_a_deactivated_member_is_signed_out_and_can_come_back(screen, company):
    _name_everybody(company)
    screen.open("/settings/team")
    drawer = _edit(screen, "Anita")
    drawer.get_by_role("button", name="Deactivate").click()
    dialog = screen.page.get_by_role("dialog", name="Deactivate Anita?")
    expect(dialog).to_contain_text("They are signed out at once")
    dialog.get_by_role("button", name="Deactivate").click()

    expect(drawer).to_contain_text("May not sign in.")
    assert company.agent.get("/settings/team/me").status_code == 401
    screen.is_right("team-deactivated")

    drawer.get_by_role("button", name="Activate").click()
    expect(drawer).to_contain_text("May sign in.")
    assert company.agent.get("/settings/team/me").status_code == 200


def test_the_last_admin_is_protected_and_the_page_says_why(screen, company):
    _name_everybody(company)
    screen.open("/settings/team")
    drawer = _edit(screen, "Asha")

    expect(drawer).to_contain_text("The only active admin")
    expect(drawer).to_contain_text("Make another member admin first")
    expect(drawer.get_by_label("Agent")).to_be_disabled()
    expect(drawer.get_by_role("button", name="Deactivate")).to_have_count(0)
    screen.is_right("team-last-admin")


def test_a_permission_and_its_daily_limit_are_saved_for_one_channel(screen, company):
    _name_everybody(company)
    company.connect_whatsapp()
    screen.open("/settings/team")
    drawer = _edit(screen, "Anita")
    drawer.get_by_label("WhatsApp", exact=True).select_option("See and send")
    drawer.get_by_label("WhatsApp: messages a day").fill("25")
    screen.is_accessible()

    drawer.get_by_role("button", name="Save WhatsApp").click()

    expect(screen.toast("WhatsApp is saved.")).to_be_visible()
    permissions = _members(company)[company.agent.email]["permissions"]
    (saved,) = [each for each in permissions if each["integration_type"] == "exotel_whatsapp"]
    assert (saved["can_view"], saved["can_use"], saved["daily_limit"]) == (True, True, 25)

    drawer.get_by_label("WhatsApp", exact=True).select_option("Nothing (hidden)")
    drawer.get_by_role("button", name="Save WhatsApp").click()
    expect(drawer.get_by_label("WhatsApp: messages a day")).to_have_count(0)
    expect(screen.page.get_by_role("row").filter(has_text="Anita")).not_to_contain_text("WhatsApp")


def test_a_manager_only_reads_and_an_agent_learns_whom_to_ask(screen_of, company):
    _name_everybody(company)
    manager = screen_of(company.manager.email)
    manager.open("/settings/team")
    expect(manager.page.get_by_text("You can look, but not change anything here.")).to_be_visible()
    expect(manager.page.get_by_role("button", name=re.compile("Invite|Edit"))).to_have_count(0)
    manager.is_right("team-manager")

    agent = screen_of(company.agent.email)
    agent.open("/settings/team")
    expect(agent.heading).to_have_text("You may not see this page")
    expect(agent.page.locator("#content")).to_contain_text("It needs the role admin or manager.")
    expect(agent.page.locator("#content")).to_contain_text("Asha")
    assert company.agent.get(TEAM).status_code == 403


def test_everything_is_done_by_keyboard(screen, company):
    _name_everybody(company)
    screen.open("/settings/team")
    screen.page.get_by_role("button", name="Edit Anita").focus()
    screen.page.keyboard.press("Enter")
    drawer = screen.page.get_by_role("dialog").filter(has_text="Details")
    drawer.get_by_label("Name").focus()
    screen.page.keyboard.press("Control+a")
    screen.page.keyboard.type("Anita by keys")
    screen.page.keyboard.press("Enter")
    expect(screen.toast("The member is saved.")).to_be_visible()

    screen.page.keyboard.press("Escape")

    expect(drawer).to_have_count(0)
    expect(screen.page.get_by_role("button", name="Edit Anita by keys")).to_be_focused()


def test_closing_a_drawer_with_changes_asks_first(screen):
    screen.open("/settings/team")
    screen.page.get_by_role("button", name="Invite").click()
    drawer = screen.page.get_by_role("dialog", name="Invite")
    drawer.get_by_label("Name").fill("Half a name")

    screen.page.keyboard.press("Escape")

    asks = screen.page.get_by_role("dialog", name="Leave without saving?")
    asks.get_by_role("button", name="Stay").click()
    expect(drawer.get_by_label("Name")).to_have_value("Half a name")
    screen.page.keyboard.press("Escape")
    asks.get_by_role("button", name="Leave without saving").click()
    expect(drawer).to_have_count(0)
