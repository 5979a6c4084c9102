"""Every fault alone: the diagnosis names its cause and the way to repair it, in one entry, and shows no secret."""

import json
import logging
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from banxway.app.diagnosis_target import deployment_of
from banxway.clock import SYSTEM_CLOCK
from banxway.models.status.diagnosis import WebAnswer
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.diagnosis.catalogue import CAUSES
from banxway.storage.queues import QueueDepth
from local.sandbox.mailbox.imap.session import Session
from local.sandbox.mailbox.imap.wire import Command, No, text
from tests.support.keys.examined import ACCOUNT, CANARIES, NUMBER, TOKEN, TYPES, Examined
from tests.support.product.dead_letters import add_dead_letter
from tests.support.product.moto_aws import moto_client
from tests.support.servers.imap_server import ScriptedImap
from tests.support.servers.scripted_http import ScriptedHttp, answer
from tests.support.servers.smtp_server import PASSWORD, USERNAME
from tests.support.servers.tcp_server import refused_port
from tests.support.timing.clocks import WrongClock

Break = Callable[[Examined], Any]
ZOHO_535 = "535 5.7.8 Authentication failed"
NO_LOGIN = b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials(Failure)\r\n"


def in_another_region(world: Examined) -> None:
    nobody = world.stack.enter_context(
        ScriptedHttp(answer(401, {"RestException": {"Status": 401, "Message": "Authentication failed"}}))
    )
    world.settings(exotel_api_url=nobody.url, exotel_mumbai_api_url=world.bundle.settings.exotel_api_url)


def all_of(**secrets: str) -> Break:
    """Save other secrets for every Exotel integration."""
    return lambda world: [world.configure(kind, {}, **secrets) for kind in TYPES]


def exotel_is_silent(world: Examined) -> None:
    world.silent = len(TYPES)
    world.fault("hang", seconds=600)


EXOTEL: dict[str, tuple[str, Break]] = {
    "token changed": ("exotel_invalid_credentials", lambda w: w.account(api_token="another-token")),
    "account in another region": ("exotel_wrong_region", in_another_region),
    "unknown sid": ("exotel_wrong_sid", all_of(account_sid="nobody1")),
    "somebody else's sid": ("exotel_wrong_sid", all_of(account_sid="other_co1")),
    "suspended": ("exotel_suspended", lambda w: w.account(status="suspended")),
    "voice off for the account": ("exotel_voice_not_enabled", lambda w: w.account(voice_enabled=False)),
    "voice off for the number": (
        "exotel_voice_not_enabled",
        lambda w: w.account(numbers=[{"phone_number": NUMBER, "voice": False, "sms": True}]),
    ),
    "sms off for the number": (
        "exotel_sms_not_enabled",
        lambda w: w.account(numbers=[{"phone_number": NUMBER, "sms": False}]),
    ),
    "number gone": ("exotel_number_not_found", lambda w: w.account(numbers=["08047100100"])),
    "ip not listed": ("exotel_ip_not_whitelisted", lambda w: w.account(ip_allowed=False)),
    "no answer": ("exotel_timeout", exotel_is_silent),
    "nobody listens": (
        "exotel_connection_refused",
        lambda w: w.settings(exotel_api_url=f"http://127.0.0.1:{refused_port()}"),
    ),
    "429": ("exotel_rate_limited", lambda w: w.fault("status", status=429)),
    "503": ("exotel_unavailable", lambda w: w.fault("status", status=503)),
    "500": ("exotel_unavailable", lambda w: w.fault("status", status=500)),
    "html instead of json": ("exotel_unreadable", lambda w: w.fault("html")),
    "numbers never synced": (
        "phone_numbers_not_synced",
        lambda w: w.set("organization_phone_numbers", "is_active = false"),
    ),
    "unverified": (
        "integration_unverified",
        lambda w: w.sql(
            "UPDATE integration_credentials SET is_verified = false WHERE id = %s", w.ids["exotel_phone"]
        ),
    ),
}

WHATSAPP: dict[str, tuple[str, Break]] = {
    "whatsapp off": ("whatsapp_not_enabled", lambda w: w.account(whatsapp_enabled=False)),
    "number of nobody": (
        "whatsapp_number_not_verified",
        lambda w: w.configure("exotel_whatsapp", {"whatsapp_number": "+919999999999"}),
    ),
    "number without country": (
        "whatsapp_number_format",
        lambda w: w.configure("exotel_whatsapp", {"whatsapp_number": "9876543210"}),
    ),
    "rated red": (
        "whatsapp_quality_low",
        lambda w: w.configure("exotel_whatsapp", {"quality_rating": "RED"}),
    ),
    "suspected of spam": (
        "whatsapp_quality_low",
        lambda w: w.add_message("failed", provider_code="30008", failure_reason="EX_SPAM_RATE_LIMIT_HIT"),
    ),
    "limit reached": (
        "whatsapp_limit_reached",
        lambda w: w.add_message("failed", provider_code="30007", failure_reason="EX_RATE_LIMIT_HIT"),
    ),
    "setup incomplete": (
        "whatsapp_setup_incomplete",
        lambda w: w.add_message("failed", provider_code="30006", failure_reason="EX_SETUP_ERROR"),
    ),
    "no template approved": ("whatsapp_no_approved_template", lambda w: w.account(templates=[])),
    "templates not synced": (
        "whatsapp_templates_not_synced",
        lambda w: w.sql("DELETE FROM whatsapp_templates WHERE organization_id = %s", w.organization.id),
    ),
}


def both_refuse(world: Examined) -> None:
    world.smtp(AUTH=ZOHO_535)
    world.imap(AUTHENTICATE=NO_LOGIN)


def wrong_from_the_start(world: Examined) -> None:
    both_refuse(world)
    world.set(
        "email_accounts", "last_polled_at = NULL, is_verified = false, last_poll_error = 'Invalid login'"
    )


def smtp_elsewhere(world: Examined, assignments: str, **server: Any) -> None:
    world.set("email_accounts", assignments)
    if server:
        world.smtp(**server)


def dead_line(world: Examined, error: OSError) -> None:
    for place in world.network.routes:
        world.network.routes[place] = error


def imap_is_slow(world: Examined) -> None:
    world.silent = 1
    world.imap(GREETING="HANG")


def syncs_orders(world: Examined) -> ScriptedImap:
    """Let the mailbox have a folder beside the inbox, and both be synced."""
    server = world.imap()
    server.store.create(USERNAME, "Orders")
    server.put(b"Subject: Order 1\r\n\r\nText\r\n", folder="Orders")
    world.set("email_accounts", "folders = '{INBOX,Orders}'")
    world.poll()
    return server


def folder_is_renamed(world: Examined) -> None:
    server = syncs_orders(world)
    server.store.rename(server.folder("Orders"), "Orders 2027")
    world.poll()


def folder_is_deleted(world: Examined) -> None:
    server = syncs_orders(world)
    server.store.create(USERNAME, "Unrelated")
    server.store._db.execute("DELETE FROM folders WHERE name = 'Orders'")
    world.poll()


def folder_is_refused(world: Examined, refused: str) -> None:
    """Let every poll be refused one folder."""
    server = syncs_orders(world)
    scope, select = server.table["EXAMINE"]

    async def examine(session: Session, command: Command) -> str:
        if text(command.arguments[0]) == refused:
            raise No("[NOPERM] Permission denied")
        return await select(session, command)

    server.table["EXAMINE"] = (scope, examine)
    server.put(b"Subject: Order 2\r\n\r\nText\r\n", folder=refused)
    world.poll()
    world.poll()


def bodies_come_short(world: Examined) -> None:
    server = world.imap()
    server.put(b"Subject: Whole\r\n\r\nText\r\n", b"Subject: Half\r\n\r\nTe")
    server.store._db.execute("UPDATE messages SET size = size + 10 WHERE uid = 2")
    world.poll()


MAIL: dict[str, tuple[str, Break]] = {
    "folder renamed on the server": ("mail_folder_renamed", folder_is_renamed),
    "folder deleted on the server": ("mail_folder_gone", folder_is_deleted),
    "folder refused on every poll": ("mail_folder_refused", lambda w: folder_is_refused(w, "Orders")),
    "inbox refused on every poll": ("mail_folder_refused", lambda w: folder_is_refused(w, "INBOX")),
    "bodies come short": ("mail_bodies_short", bodies_come_short),
    "account password": ("mail_account_password", wrong_from_the_start),
    "app password revoked": ("mail_app_password_revoked", both_refuse),
    "app password asked for": (
        "mail_app_password_required",
        lambda w: w.smtp(AUTH="535 5.7.8 Application-specific password required"),
    ),
    "other data centre": (
        "mail_wrong_data_centre",
        lambda w: (
            w.set("email_accounts", "smtp_host = 'smtp.zoho.in'"),
            w.smtp("smtp.zoho.in", AUTH=ZOHO_535),
        ),
    ),
    "imap off, said so": (
        "imap_disabled_at_provider",
        lambda w: w.imap(AUTHENTICATE=b"{tag} NO You are yet to enable IMAP for your account\r\n"),
    ),
    "imap off, same password works": (
        "imap_disabled_at_provider",
        lambda w: w.imap(AUTHENTICATE=NO_LOGIN),
    ),
    "tls at once on 587": (
        "mail_tls_mismatch",
        lambda w: smtp_elsewhere(w, "smtp_secure = true"),
    ),
    "starttls on 465": (
        "mail_tls_mismatch",
        lambda w: (
            w.set("email_accounts", "smtp_port = 465"),
            w.network.routes.update({("smtp.zoho.com", 465): ConnectionResetError("reset")}),
        ),
    ),
    "port 25": (
        "mail_port_25",
        lambda w: (
            w.set("email_accounts", "smtp_port = 25"),
            w.network.routes.update({("smtp.zoho.com", 25): TimeoutError("timed out")}),
        ),
    ),
    "timeout": ("mail_timeout", imap_is_slow),
    "connection refused": (
        "mail_connection_refused",
        lambda w: w.network.routes.update({("smtp.zoho.com", 587): ConnectionRefusedError("refused")}),
    ),
    "host not found": (
        "mail_host_not_found",
        lambda w: w.network.routes.update({("imap.zoho.com", 993): socket.gaierror("no such host")}),
    ),
    "certificate expired": ("mail_certificate", lambda w: w.imap(expired=True)),
    "closed at once": ("mail_connection_closed", lambda w: w.imap(GREETING="CLOSE")),
    "too many connections": (
        "imap_too_many_connections",
        lambda w: w.imap(AUTHENTICATE=b"{tag} NO [LIMIT] Maximum connections exceeded\r\n"),
    ),
    "rate limited": ("mail_rate_limited", lambda w: w.smtp(AUTH="454 4.7.0 Too many login attempts")),
    "interval too short": (
        "poll_interval_too_short",
        lambda w: w.set(
            "email_accounts",
            "poll_interval_ms = 10000, consecutive_failures = 2, last_poll_error = 'Wait', "
            "last_poll_reason = 'rate_limited'",
        ),
    ),
    "smtp says something else": (
        "mail_refused",
        lambda w: w.smtp(MAIL="x", AUTH="432 4.7.12 a password change"),
    ),
    "mailbox unverified": ("mailbox_unverified", lambda w: w.set("email_accounts", "is_verified = false")),
}


def beside_a_good_one(assignments: str) -> Break:
    """Change the mailbox while another one of the organization is polled."""

    def break_it(world: Examined) -> None:
        world.set("email_accounts", assignments)
        world.add_mailbox()

    return break_it


OVERDUE = "next_poll_at = now() - interval '1 hour'"
POLLING: dict[str, tuple[str, Break]] = {
    "poller not running": (
        "poller_not_running",
        lambda w: (
            w.add_mailbox(),
            w.set("email_accounts", f"{OVERDUE}, last_polled_at = now() - interval '1 hour'"),
        ),
    ),
    "never polled": (
        "mailbox_never_polled",
        beside_a_good_one(f"{OVERDUE}, last_polled_at = NULL, created_at = now() - interval '1 hour'"),
    ),
    "overdue": ("poll_overdue", beside_a_good_one(f"{OVERDUE}, last_polled_at = now() - interval '1 hour'")),
    "lease stuck": (
        "lease_stuck",
        lambda w: w.set("email_accounts", "lease_until = now() + interval '1 day'"),
    ),
    "polls fail after the login": (
        "poll_failing",
        lambda w: w.set(
            "email_accounts",
            "consecutive_failures = 3, last_poll_error = 'The answer is unreadable', "
            "last_poll_reason = 'answer_unreadable'",
        ),
    ),
}


def private_address(world: Examined) -> None:
    world.settings(webhook_base_url="https://127.0.0.1")
    world.deployment(allows_private=False)


WEBHOOKS: dict[str, tuple[str, Break]] = {
    "no address": ("webhook_url_missing", lambda w: w.settings(webhook_base_url=None)),
    "http": (
        "webhook_url_not_https",
        lambda w: (w.settings(webhook_base_url="http://api.example.com"), w.deployment(allows_private=False)),
    ),
    "private address": ("webhook_url_private", private_address),
    "unreachable": (
        "webhook_url_unreachable",
        lambda w: w.settings(webhook_base_url=f"http://127.0.0.1:{refused_port()}"),
    ),
    "another server": (
        "webhook_url_wrong_target",
        lambda w: w.settings(webhook_base_url=w.webhook_target(answer(404, b"<h1>Not here</h1>"))),
    ),
    "no secret": ("webhook_secret_missing", lambda w: w.settings(webhook_secret=None)),
    "no callback after sends": ("webhook_none_received", lambda w: w.add_message("accepted")),
    "signature demanded, none comes": (
        "webhook_signature_never_seen",
        lambda w: (w.settings(exotel_signature_secret="signature-canary"), w.add_message("accepted")),
    ),
    "unreadable callbacks": ("webhook_unreadable", lambda w: w.add_callbacks("unreadable", 6)),
    "revoked address still used": ("webhook_revoked", lambda w: w.add_callbacks("revoked", 6)),
}


def restored(world: Examined) -> None:
    world.bundle.app.infrastructure.blobs.write("ledger-epoch", b"4711")


def dead_letters(world: Examined) -> None:
    add_dead_letter(world.bundle.database, world.organization.id)


def backlog(world: Examined) -> None:
    full = world.bundle.queue_url("webhook")
    world.deployment(measure=lambda url: QueueDepth(5 if url == full else 0, 3600.0))


SENDING: dict[str, tuple[str, Break]] = {
    "unknown messages": ("messages_unknown", lambda w: w.add_message("unknown")),
    "messages waiting": ("messages_waiting", lambda w: w.add_message("queued")),
    "most sends fail": (
        "sends_failing",
        lambda w: [
            w.add_message("failed", provider_code="30019", failure_reason="bad value") for _ in range(4)
        ],
    ),
    "database restored": ("ledger_epoch_behind", restored),
    "blob store gone": (
        "blob_store_unreachable",
        lambda w: w.settings(blob_folder=None, blob_bucket="nobody-has-this-bucket"),
    ),
    "dead letters": ("dead_letters", dead_letters),
    "backlog": ("queue_backlog", backlog),
    "queue unknown": (
        "queue_unreachable",
        lambda w: w.queue("change", "https://sqs.ap-south-1.amazonaws.com/123456789012/nobody"),
    ),
    "queue without address": ("queue_not_configured", lambda w: w.queue("mailbox", "")),
}


def read_only(world: Examined) -> None:
    url = world.bundle.settings.database_url
    world.settings(database_url=f"{url}&options=-c%20default_transaction_read_only%3Don")


def functions_clock_wrong(world: Examined) -> None:
    world.bundle.app.status.diagnosis._clock = WrongClock(timedelta(minutes=10))


def database_clock_wrong(world: Examined) -> None:
    functions_clock_wrong(world)
    fetch = deployment_of(world.bundle.app).fetch

    def fetch_ahead(url: str) -> WebAnswer:
        found = fetch(url)
        return WebAnswer(found.status, SYSTEM_CLOCK.now() + timedelta(minutes=10), found.body)

    world.deployment(fetch=fetch_ahead)


def under_kms(world: Examined) -> Any:
    """Seal everything under a KMS key, and return the client of a service that has it, and the key."""
    client = moto_client("kms")
    arn = client.create_key()["KeyMetadata"]["Arn"]
    world.settings(encryption_master_key=None, encryption_key_arn=arn)
    _use(world, client)
    world.reseal()
    _use(world, client)
    return client


def _use(world: Examined, client: Any) -> None:
    from banxway.security.envelope import Envelope
    from banxway.security.key_wrappers import KmsKeyWrapper

    app = world.bundle.app
    app.infrastructure.envelope = Envelope(
        KmsKeyWrapper(world.bundle.settings.encryption_key_arn, lambda: client), clock=SYSTEM_CLOCK
    )
    vars(app.integrations).pop("credentials", None)


def kms_says(error: str) -> Break:
    def break_it(world: Examined) -> None:
        from botocore.exceptions import ClientError, EndpointConnectionError

        client = under_kms(world)

        def refuse(**_: Any) -> None:
            if error == "unreachable":
                raise EndpointConnectionError(endpoint_url="https://kms.ap-south-1.amazonaws.com")
            raise ClientError({"Error": {"Code": error, "Message": "no"}}, "Decrypt")

        client.decrypt = client.generate_data_key = refuse

    return break_it


def corrupt(world: Examined) -> None:
    world.sql(
        "UPDATE email_accounts SET credentials_encrypted = left(credentials_encrypted, 60) WHERE id = %s",
        world.ids["mailbox"],
    )


PLATFORM: dict[str, tuple[str, Break]] = {
    "master key changed": (
        "encryption_wrong_key",
        lambda w: w.settings(encryption_master_key="c" * 43 + "="),
    ),
    "no key": ("encryption_key_missing", lambda w: w.settings(encryption_master_key=None)),
    "key is no key": ("encryption_key_invalid", lambda w: w.settings(encryption_master_key="shorter")),
    "envelope cut": ("envelope_corrupt", corrupt),
    "kms key disabled": ("kms_key_disabled", kms_says("DisabledException")),
    "kms key pending deletion": ("kms_key_disabled", kms_says("KMSInvalidStateException")),
    "kms denies": ("kms_access_denied", kms_says("AccessDeniedException")),
    "kms key gone": ("kms_key_not_found", kms_says("NotFoundException")),
    "kms unreachable": ("kms_unreachable", kms_says("unreachable")),
    "database read-only": ("database_read_only", read_only),
    "functions' clock wrong": ("clock_skew", functions_clock_wrong),
    "database's clock wrong": ("clock_skew", database_clock_wrong),
    "agent without permission": (
        "user_without_permission",
        lambda w: w.sql(
            "DELETE FROM user_integration_permissions WHERE user_id = %s AND integration_type = 'exotel_phone'",
            w.organization.agent,
        ),
    ),
    "no admin": (
        "no_active_admin",
        lambda w: w.sql("UPDATE users SET is_active = false WHERE id = %s", w.organization.admin),
    ),
}


def from_the_environment(world: Examined) -> None:
    world.sql("DELETE FROM integration_credentials WHERE id = %s", world.ids["exotel_sms"])
    world.deployment(
        environment=EnvironmentIntegrations(
            world.organization.id,
            secrets={"account_sid": ACCOUNT, "api_key": "demo-key", "api_token": TOKEN},
            numbers={"exotel_sms": NUMBER},
        )
    )


def environment_says(**changes: str | None) -> Break:
    """Let the environment have the saved SMS account, but for these."""
    secrets = {"account_sid": ACCOUNT, "api_key": "demo-key", "api_token": TOKEN}
    number = changes.pop("number", NUMBER)

    def break_it(world: Examined) -> None:
        environment = EnvironmentIntegrations(
            world.organization.id, secrets=secrets | changes, numbers={"exotel_sms": number} if number else {}
        )
        world.deployment(environment=environment)

    return break_it


ENVIRONMENT: dict[str, tuple[str, Break]] = {
    "environment has another token": (
        "environment_differs",
        environment_says(api_token="token-of-last-year"),
    ),
    "environment has another number": ("environment_differs", environment_says(number="08047100999")),
    "environment has another account": (
        "environment_differs",
        environment_says(account_sid="other_co1", api_key="other-key"),
    ),
}

NOTES: dict[str, tuple[str, Break]] = {
    "environment without a token": ("environment_incomplete", environment_says(api_token=None)),
    "environment without a number": ("environment_incomplete", environment_says(number=None)),
    "imap switched off": ("imap_switched_off", lambda w: w.set("email_accounts", "imap_enabled = false")),
    "integration switched off": (
        "integration_inactive",
        lambda w: w.sql(
            "UPDATE integration_credentials SET is_active = false WHERE id = %s", w.ids["exotel_sms"]
        ),
    ),
    "no waba_id": ("whatsapp_waba_id_missing", lambda w: w.configure("exotel_whatsapp", {"waba_id": ""})),
    "from the environment": ("environment_fallback_used", from_the_environment),
}

FAULTS = EXOTEL | WHATSAPP | MAIL | POLLING | WEBHOOKS | SENDING | PLATFORM | ENVIRONMENT


@pytest.mark.parametrize("fault", FAULTS)
def test_one_fault_is_one_finding_that_names_its_cause(world, fault, caplog, capfd):
    code, break_it = FAULTS[fault]
    caplog.set_level(logging.DEBUG)
    break_it(world)

    report = world.report()

    shown = [(each["code"], each["subject"], each["evidence"]) for each in report["findings"]]
    assert [each[0] for each in shown] == [code], shown
    assert report["healthy"] is False
    assert report["findings"][0]["fix"] == CAUSES[code].fix
    _assert_nothing_secret(json.dumps(report, default=str) + caplog.text + "".join(capfd.readouterr()))


@pytest.mark.parametrize("fault", NOTES)
def test_what_may_be_meant_so_is_a_note_and_not_a_fault(world, fault):
    code, break_it = NOTES[fault]
    break_it(world)

    report = world.report()

    assert [each["code"] for each in report["findings"]] == [code]
    assert report["healthy"] is True


def _assert_nothing_secret(text: str) -> None:
    assert [secret for secret in (*CANARIES, "signature-canary") if secret in text] == []


def test_the_matrix_has_the_faults_that_were_asked_for():
    assert len(FAULTS) >= 40
    assert {code for code, _ in FAULTS.values()} <= set(CAUSES)
    assert PASSWORD in CANARIES
