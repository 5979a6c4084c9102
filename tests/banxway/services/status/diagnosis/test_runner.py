"""What the diagnosis answers as a whole."""

from tests.support.keys.examined import PATH, TYPES
from tests.support.product.app import token
from tests.support.servers.smtp_server import USERNAME
from tests.support.timing.clocks import WrongClock


def codes(report):
    return [each["code"] for each in report["findings"]]


def test_a_healthy_system_has_nothing_wrong(world):
    report = world.report()

    assert report["findings"] == []
    assert report["healthy"] is True
    assert [check for check in report["checks"] if not check["ok"]] == []


def test_every_account_mailbox_and_queue_is_really_asked(world):
    checked = {(check["name"], check["subject"]) for check in world.report()["checks"]}

    assert {("exotel", kind) for kind in TYPES} <= checked
    assert {("smtp", USERNAME), ("imap", USERNAME), ("queue", "message"), ("clock", "exotel")} <= checked
    assert ("webhook_url", "WEBHOOK_BASE_URL") in checked


def test_an_organization_with_nothing_configured_is_healthy(world):
    nobody = world.bundle.database.add_organization("Newcomer")

    report = world.report(nobody.admin)

    assert (report["findings"], report["healthy"]) == ([], True)


def test_what_is_wrong_with_one_account_is_one_finding_about_all_its_integrations(world):
    world.account(status="suspended")

    (finding,) = world.report()["findings"]

    assert finding["subject"] == "exotel_phone, exotel_sms, exotel_whatsapp"
    assert finding["guide_issue"] == 2
    assert "Account inactive" in finding["evidence"]


def test_two_causes_are_two_findings_the_gravest_first(world):
    world.account(status="suspended")
    world.set("email_accounts", "is_verified = false")

    assert codes(world.report()) == ["exotel_suspended", "mailbox_unverified"]


def test_what_only_follows_from_a_wrong_key_is_left_out(world):
    world.set("integration_credentials", "is_verified = false")
    world.set("email_accounts", "consecutive_failures = 5, last_poll_error = 'decrypt failed'")
    world.settings(encryption_master_key="c" * 43 + "=")

    assert codes(world.report()) == ["encryption_wrong_key"]


def test_a_missing_migration_is_all_that_is_said(world):
    world.sql("DELETE FROM schema_migrations WHERE migration_name = '006_integrations.sql'")
    world.account(status="suspended")

    report = world.report()
    world.sql("INSERT INTO schema_migrations (migration_name) VALUES ('006_integrations.sql')")

    (finding,) = report["findings"]
    assert (finding["code"], finding["guide_issue"]) == ("migration_missing", 1)
    assert "006_integrations.sql" in finding["evidence"]


def test_what_is_wrong_elsewhere_is_nobody_elses_business(world):
    other = world.bundle.database.add_organization("Other")
    world.account(status="suspended")
    world.set("email_accounts", "is_verified = false")

    assert world.report(other.admin)["findings"] == []


def test_servers_that_never_answer_do_not_hold_the_answer_up(world):
    """They hang until the test is over: an answer comes although none of theirs does."""
    world.silent = len(TYPES) + 2
    world.fault("hang", seconds=600)
    world.smtp(GREETING="HANG")
    world.imap(GREETING="HANG")

    report = world.report()

    assert set(codes(report)) == {"exotel_timeout", "mail_timeout"}


def test_a_mailbox_that_fails_on_both_sides_for_one_reason_is_one_finding(world):
    world.smtp(AUTH="535 Authentication failed")
    world.imap(AUTHENTICATE=b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials(Failure)\r\n")

    (finding,) = world.report()["findings"]

    assert finding["subject"] == USERNAME
    assert "smtp smtp.zoho.com:587" in finding["evidence"]
    assert "imap imap.zoho.com:993" in finding["evidence"]


def test_the_culprit_of_a_wrong_clock_is_the_one_that_two_others_contradict(world):
    from datetime import timedelta

    world.bundle.app.status.diagnosis._clock = WrongClock(-timedelta(minutes=10))

    (finding,) = world.report()["findings"]

    assert (finding["code"], finding["subject"]) == ("clock_skew", "functions")
    assert "ahead" in finding["evidence"]


def test_a_manager_is_reported_what_an_admin_is(world):
    """A manager's own scope shows nobody else's permissions: all users would seem undecided."""
    asked = {
        role: world.bundle.get(PATH, getattr(world.organization, role)).data for role in ("admin", "manager")
    }

    assert [each["findings"] for each in asked.values()] == [[], []]


def test_proxy_headers_change_nothing(world):
    """reference/threats-and-faults.md, threat 42: identity and addresses come from token and settings only."""
    forged = {
        "authorization": f"Bearer {token(world.organization.manager)}",
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        "forwarded": "host=evil.example;proto=http",
        "cf-connecting-ip": "192.0.2.1",
    }
    world.report()

    data = world.bundle.request("GET", PATH, headers=forged).data

    assert (data["findings"], data["healthy"]) == ([], True)
