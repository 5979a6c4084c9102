"""How the sandbox's mail server can fail: for the next commands (a fault), or by name until it is repaired.

The refusals are Zoho's (reference/mail.md, 9).
"""

from dataclasses import dataclass

# Name: (the command with this answer, the answer).
ZOHO_ANSWERS = {
    "authentication_failed": ("auth", "535 Authentication Failed"),
    "authentication_required": ("mail", "530 5.5.1 Authentication Required"),
    "relaying_disallowed": ("data", "553 Relaying disallowed"),
    "unusual_activity": ("data", "550 5.4.6 Unusual sending activity detected"),
    "sender_blocked": ("data", "554 5.1.8 Sender Address Blocked"),
    "virus": ("data", "552 5.7.1 virus detected by Zoho Mail"),
    "user_unknown": ("rcpt", "550 5.1.1 User unknown"),
    "dmarc": ("data", "550 5.7.1 rejected per DMARC policy"),
    "destination_rejected": ("data", "541 5.4.1 Mail rejected by destination domain"),
    "policy_restricted": ("rcpt", "452 delivery restricted by policy"),
    "temporary_error": ("data", "452 4.3.1 Temporary System Error"),
    "service_unavailable": ("mail", "421 4.7.0 Service not available, closing connection"),
}
STAGES = ("auth", "mail", "rcpt", "data")
KINDS = ("answer", "close", "accept_then_close", "delay")


@dataclass
class SmtpFault:
    """A fault on demand: `answer` instead of the usual one, or no answer, `times` times."""

    stage: str
    answer: str = "451 4.3.0 Temporary failure"
    kind: str = "answer"
    seconds: float = 0.0
    times: int = 1


@dataclass(frozen=True)
class Breakage:
    """One way to be broken: a fault of SMTP, the answer to a login over IMAP, or no connection at all."""

    smtp: SmtpFault | None = None
    imap_login: str | None = None
    hangs_up: bool = False


MAIL: dict[str, Breakage] = {
    "mail.refuses_password": Breakage(
        SmtpFault("auth", "535 Authentication Failed"),
        "[AUTHENTICATIONFAILED] Invalid credentials(Failure)",
    ),
    "mail.imap_off": Breakage(
        imap_login="[ALERT] You are yet to enable IMAP for your account. Please contact your administrator"
    ),
    "mail.too_many_connections": Breakage(imap_login="[LIMIT] Too many simultaneous connections"),
    "mail.closes_connections": Breakage(hangs_up=True),
    "mail.slow": Breakage(SmtpFault("data", kind="delay", seconds=40.0)),
    "mail.answer_lost": Breakage(SmtpFault("data", kind="accept_then_close")),
    **{
        f"mail.{name}": Breakage(SmtpFault(stage, answer))
        for name, (stage, answer) in ZOHO_ANSWERS.items()
        if name != "authentication_failed"
    },
}
