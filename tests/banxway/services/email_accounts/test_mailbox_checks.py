"""Trying a mailbox's two logins: both at once, neither for ever, and nothing that must not be dialled."""

import socket
import threading

import pytest

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.reasons import Reason
from banxway.security.hosts import HostGuard
from banxway.services.email_accounts.login_checks import MailboxChecks, MailboxRefused
from banxway.services.status.diagnosis.catalogue import CAUSES
from tests.support.product.fakes import FakeProviders
from tests.support.product.stories import LOGIN, SUPPORT
from tests.support.timing.clocks import SetClock
from tests.support.timing.waiting import PATIENCE_S, eventually

HOSTS = {"smtp": LOGIN["smtp_host"], "imap": LOGIN["imap_host"]}
OTHER = {"smtp": "imap", "imap": "smtp"}
TYPED = LOGIN | {"smtp_secure": False, "imap_tls": True}


@pytest.fixture
def providers() -> FakeProviders:
    return FakeProviders()


def checks_of(providers: FakeProviders, *, clock: Clock = SYSTEM_CLOCK, **found: str | int) -> MailboxChecks:
    """Checks that wait as long as it takes, unless the clock moves; `found` are hosts' addresses or errors."""

    def resolve(host, port, **_):
        answer = found.get(host, "1.1.1.1")
        if isinstance(answer, int):
            raise socket.gaierror(answer, "no")
        return [(2, 1, 6, "", (answer, port))]

    hosts = HostGuard(allow_private=False, resolve=resolve)
    return MailboxChecks(providers=providers.providers(), hosts=hosts, clock=clock, patience_s=PATIENCE_S)


def test_both_halves_are_asked_at_once(providers: FakeProviders) -> None:
    meeting = threading.Barrier(2)

    def wait_for_the_other(_: object) -> None:
        meeting.wait(PATIENCE_S)

    providers.mail_sender.checking.then(wait_for_the_other)
    providers.mailbox(SUPPORT).checking.then(wait_for_the_other)

    assert checks_of(providers).run(TYPED).works


def test_a_server_that_never_answers_is_a_timeout_in_its_half_alone(providers: FakeProviders) -> None:
    ended = threading.Event()
    imap: list[threading.Thread] = []
    providers.mail_sender.checking.then(lambda _: ended.wait() and None)
    providers.mailbox(SUPPORT).checking.then(lambda _: imap.append(threading.current_thread()))

    class PatienceEnds(SetClock):
        """Moves past the deadline once IMAP has answered."""

        def monotonic(self) -> float:
            moment = super().monotonic()
            eventually(lambda: imap and not imap[0].is_alive())
            self.advance(seconds=PATIENCE_S)
            return moment

    check = checks_of(providers, clock=PatienceEnds()).run(TYPED)
    ended.set()

    assert (check.smtp.success, check.smtp.error, check.smtp.may_pass) == (False, "Connection timeout", True)
    assert (check.smtp.host, check.smtp.port, check.smtp.secure) == ("smtp.zoho.com", 587, False)
    assert check.imap.success


def test_what_breaks_a_check_is_raised_where_it_was_asked_for(providers: FakeProviders) -> None:
    providers.mail_sender.checking.then(RuntimeError("broken"))

    with pytest.raises(RuntimeError, match="broken"):
        checks_of(providers).run(TYPED)


@pytest.mark.parametrize("half", ["smtp", "imap"])
@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "fe80::1", "::1", "100.64.0.1"])
def test_a_name_that_leads_inside_is_refused_in_its_half_alone_and_not_dialled(
    providers: FakeProviders, ip: str, half: str
) -> None:
    check = checks_of(providers, **{HOSTS[half]: ip}).run(TYPED)

    failed = getattr(check, half)
    assert not failed.success
    assert failed.error == "This host cannot be used; enter the public name of your provider's mail server"
    assert not failed.may_pass
    assert [each.host for each in providers.mail_servers] == [HOSTS[OTHER[half]]]
    assert getattr(check, OTHER[half]).success


@pytest.mark.parametrize("half", ["smtp", "imap"])
@pytest.mark.parametrize(
    ("code", "sentence", "may_pass"),
    [
        (socket.EAI_NONAME, "Host not found: {}; check its spelling at your mail provider", False),
        (socket.EAI_AGAIN, "Host not found: the name service did not answer", True),
    ],
    ids=["no such name", "no name service"],
)
def test_a_host_that_is_not_found_says_so_in_its_half_alone(
    providers: FakeProviders, half: str, code: int, sentence: str, may_pass: bool
) -> None:
    check = checks_of(providers, **{HOSTS[half]: code}).run(TYPED)

    failed = getattr(check, half)
    assert (failed.success, failed.error) == (False, sentence.format(HOSTS[half]))
    assert failed.may_pass == may_pass
    assert getattr(check, OTHER[half]).success


def test_only_the_halves_that_matter_need_to_work(providers: FakeProviders) -> None:
    typed = TYPED | {"imap_port": 143}

    assert checks_of(providers).require(typed, halves=("smtp",)).smtp.success
    with pytest.raises(MailboxRefused) as refused:
        checks_of(providers).require(typed, halves=("smtp", "imap"))
    assert refused.value.details["field"] == "imap_port"
    assert refused.value.message == "IMAP did not work: nothing was saved"


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (Reason.LOGIN_REFUSED, "smtp_password"),
        (Reason.LOGIN_BLOCKED, "smtp_password"),
        (Reason.APP_PASSWORD_REQUIRED, "smtp_password"),
        (Reason.TLS_FAILED, "smtp_port"),
        (Reason.CERTIFICATE_REFUSED, "smtp_host"),
        (Reason.TIMEOUT, "smtp_host"),
        (Reason.CONNECTION_REFUSED, "smtp_host"),
        (Reason.HOST_NOT_FOUND, "smtp_host"),
        (Reason.PORT_REFUSED, "smtp_port"),
        (None, "smtp_host"),
    ],
)
def test_a_refusal_names_the_field_to_look_at_first(
    providers: FakeProviders, reason: Reason | None, field: str
) -> None:
    failed = SmtpCheck(success=False, host="smtp.zoho.com", port=587, secure=False, error="No", reason=reason)
    providers.mail_sender.checking.then(failed)

    with pytest.raises(MailboxRefused) as refused:
        checks_of(providers).require(TYPED, halves=("smtp", "imap"))

    assert refused.value.details["field"] == field
    assert refused.value.details["check"]["smtp"]["field"] == field
    assert refused.value.reason == reason
    assert refused.value.details["check"]["smtp"]["error"] == "No"
    assert "reason" not in refused.value.details["check"]["smtp"]


@pytest.mark.parametrize(
    ("typed", "smtp", "imap", "codes"),
    [
        ({}, Reason.LOGIN_REFUSED, None, {"smtp": "mail_account_password"}),
        ({}, Reason.LOGIN_BLOCKED, None, {"smtp": "mail_account_password"}),
        ({}, Reason.APP_PASSWORD_REQUIRED, None, {"smtp": "mail_app_password_required"}),
        ({}, None, Reason.LOGIN_REFUSED, {"imap": "imap_disabled_at_provider"}),
        ({"smtp_host": "smtp.zoho.in"}, Reason.LOGIN_REFUSED, None, {"smtp": "mail_wrong_data_centre"}),
        ({"imap_port": 143}, None, None, {"imap": "mail_tls_mismatch"}),
        ({"smtp_port": 25}, Reason.TIMEOUT, None, {"smtp": "mail_port_25"}),
        ({}, Reason.TIMEOUT, Reason.CONNECTION_REFUSED, {"smtp": "mail_timeout", "imap": "mail_connection_refused"}),
        ({}, Reason.HOST_NOT_FOUND, None, {"smtp": "mail_host_not_found"}),
        ({}, Reason.NAME_SERVICE_DOWN, None, {"smtp": "mail_host_not_found"}),
        ({}, Reason.RATE_LIMITED, None, {"smtp": "mail_rate_limited"}),
        ({}, Reason.SERVER_BUSY, None, {"smtp": "mail_rate_limited"}),
        ({}, Reason.SERVER_REFUSED, None, {"smtp": "mail_refused"}),
        ({}, None, None, {}),
    ],
    ids=[
        "password", "blocked", "app password", "IMAP off", "data centre", "port", "port 25", "both", "host",
        "name service", "limit", "busy", "anything else", "works",
    ],
)  # fmt: skip
def test_a_half_that_failed_carries_the_catalogues_cause_and_fix(
    providers: FakeProviders, typed: dict, smtp: Reason | None, imap: Reason | None, codes: dict[str, str]
) -> None:
    login = TYPED | typed
    if smtp:
        failed = SmtpCheck(
            success=False, host=login["smtp_host"], port=587, secure=False, error="No", reason=smtp
        )
        providers.mail_sender.checking.then(failed)
    if imap:
        failed = ImapCheck(
            success=False, host=login["imap_host"], port=993, secure=True, error="No", reason=imap
        )
        providers.mailbox(SUPPORT).checking.then(failed)

    check = checks_of(providers).run(login)

    reported = {half: (getattr(check, half).cause, getattr(check, half).fix) for half in ("smtp", "imap")}
    expected = {half: (CAUSES[code].cause, CAUSES[code].fix) for half, code in codes.items()}
    assert reported == {"smtp": (None, None), "imap": (None, None)} | expected


def test_a_refusal_tells_the_cause_and_fix_of_what_to_look_at_first(providers: FakeProviders) -> None:
    failed = SmtpCheck(
        success=False,
        host="smtp.zoho.com",
        port=587,
        secure=False,
        error="Invalid login: 535 no",
        reason=Reason.LOGIN_REFUSED,
    )
    providers.mail_sender.checking.then(failed)

    with pytest.raises(MailboxRefused) as refused:
        checks_of(providers).require(TYPED | {"imap_port": 143}, halves=("smtp", "imap"))

    details = refused.value.details
    assert (details["field"], details["cause"]) == ("smtp_password", CAUSES["mail_account_password"].cause)
    assert details["fix"] == CAUSES["mail_account_password"].fix
