"""Trying a mailbox's two logins: both at once, neither for ever, and nothing that must not be dialled."""

import threading

import pytest

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import HostRefused, ValidationFailed
from banxway.models.account_checks import SmtpCheck
from banxway.security.hosts import HostGuard
from banxway.services.mailbox_checks import MailboxChecks, MailboxRefused
from tests.support.clocks import SetClock
from tests.support.fakes import FakeProviders
from tests.support.stories import LOGIN, SUPPORT
from tests.support.waiting import PATIENCE_S, eventually

TYPED = LOGIN | {"smtp_secure": False, "imap_tls": True}


@pytest.fixture
def providers() -> FakeProviders:
    return FakeProviders()


def checks_of(providers: FakeProviders, ip: str = "1.1.1.1", *, clock: Clock = SYSTEM_CLOCK) -> MailboxChecks:
    """Checks that wait as long as it takes, unless the clock moves."""

    def resolve(host, port, **_):
        return [(2, 1, 6, "", (ip, port))]

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


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "fe80::1", "::1", "100.64.0.1"])
def test_a_name_that_leads_inside_is_refused_by_its_field_and_not_dialled(
    providers: FakeProviders, ip: str
) -> None:
    with pytest.raises(HostRefused) as refused:
        checks_of(providers, ip).run(TYPED, halves=("imap",))

    assert refused.value.details == {"field": "imap_host"}
    assert providers.mail_servers == []


def test_only_the_halves_that_matter_are_vetted(providers: FakeProviders) -> None:
    typed = TYPED | {"imap_port": 143}

    assert checks_of(providers).run(typed, halves=("smtp",)).smtp.success
    with pytest.raises(ValidationFailed) as refused:
        checks_of(providers).run(typed, halves=("smtp", "imap"))
    assert refused.value.details == {"field": "imap_port"}


@pytest.mark.parametrize(
    ("error", "field"),
    [
        ("Invalid login: 535 Authentication failed", "smtp_password"),
        ("TLS Error: wrong version number (port mismatch? use 587 for STARTTLS, 465 for SSL)", "smtp_port"),
        ("TLS Error: certificate verify failed: Hostname mismatch", "smtp_host"),
        ("Connection timeout", "smtp_host"),
        ("Connection refused", "smtp_host"),
    ],
)
def test_a_refusal_names_the_field_to_look_at_first(providers: FakeProviders, error: str, field: str) -> None:
    failed = SmtpCheck(success=False, host="smtp.zoho.com", port=587, secure=False, error=error)
    providers.mail_sender.checking.then(failed)

    with pytest.raises(MailboxRefused) as refused:
        checks_of(providers).require(TYPED, halves=("smtp", "imap"))

    assert refused.value.details["field"] == field
    assert refused.value.details["check"]["smtp"]["error"] == error
