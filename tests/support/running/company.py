"""A company of its own at a running product: its people, its Exotel account, its mailbox and its customers.

Everything enters by the interfaces that people, customers and Exotel use. Three observers share no code with the
product: the simulated Exotel's own log, the mail server's store, and SQL as superuser.
"""

import itertools
import smtplib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg.rows import dict_row

from local.gateway.own_routes import make_token
from tests.support.running.runner import Runner
from tests.support.timing.waiting import PATIENCE_S, eventually

_CUSTOMERS = itertools.count(1)
_SIGNED_IN_S_AGO = 3 * 3600
TEMPLATE = {
    "template_name": "shipping_update",
    "language": "en",
    "variables": {"1": "BX-2024-1234", "2": "Mumbai Port", "3": "25-Jan-2026"},
}


class Person:
    """One signed-in user, over HTTP."""

    def __init__(self, runner: Runner, user_id: UUID, email: str) -> None:
        self.id = user_id
        self.email = email
        # Issued a while ago: it must not begin in the future where the machine's clock is set back.
        self.token = make_token(
            runner.secrets["jwt_secret"], subject=str(user_id), email=email, age_s=_SIGNED_IN_S_AGO
        )
        self._http = httpx.Client(
            base_url=f"{runner.url}/api/v1",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE_S,
            trust_env=False,
        )

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def post(self, path: str, body: object = None, *, key: str | None = None) -> httpx.Response:
        return self._http.post(path, json=body, headers={"Idempotency-Key": key} if key else None)

    def patch(self, path: str, body: object) -> httpx.Response:
        return self._http.patch(path, json=body)

    def put(self, path: str, body: object) -> httpx.Response:
        return self._http.put(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        return self._http.delete(path)

    def read(self, path: str) -> Any:
        """Return an answer's data; fails unless it is a success."""
        return _data(self.get(path))

    def ask(self, path: str, body: object = None, *, key: str | None = None) -> Any:
        """Post, and return the answer's data; fails unless it is a success."""
        return _data(self.post(path, body, key=key))

    def close(self) -> None:
        self._http.close()


def _data(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    assert answer.json()["success"] is True, answer.text
    return answer.json()["data"]


@dataclass(frozen=True)
class ExotelAccount:
    """The company's account at the simulated Exotel."""

    credentials: dict[str, str]
    virtual_number: str
    whatsapp_number: str
    waba_id: str


class Company:
    """One organization with its admin, manager, agent, Exotel account and mailbox; nothing is configured yet."""

    def __init__(
        self,
        runner: Runner,
        *,
        organization_id: UUID,
        people: Mapping[str, tuple[UUID, str]],
        exotel: ExotelAccount,
        mailbox: Mapping[str, str],
    ) -> None:
        self.runner = runner
        self.id = organization_id
        roles = ("admin", "manager", "agent")
        self.admin, self.manager, self.agent = (Person(runner, *people[role]) for role in roles)
        self.exotel = exotel
        self.mailbox = mailbox
        number = next(_CUSTOMERS)
        self.customer_number = f"+9198{number:08d}"
        self.customer_email = f"asha{number}@customer.example"
        self._sql = connect_as_superuser(runner)

    def reconnect(self) -> None:
        """Connect to the database as superuser again, after it was stopped."""
        self._sql.close()
        self._sql = connect_as_superuser(self.runner)

    def close(self) -> None:
        self.admin.close()
        self.manager.close()
        self.agent.close()
        self._sql.close()

    # ── what an admin sets up ────────────────────────────────────────────────────────────────

    def connect_whatsapp(self) -> dict[str, Any]:
        """Save the WhatsApp integration, sync its templates, and tell Exotel's dashboard our callback URL."""
        saved = self.admin.ask(
            "/settings/integrations/exotel_whatsapp",
            {
                **self.exotel.credentials,
                "whatsapp_number": self.exotel.whatsapp_number,
                "waba_id": self.exotel.waba_id,
            },
        )
        self.admin.ask("/settings/integrations/exotel_whatsapp/sync-templates")
        self.change_exotel_account(default_webhook_url=saved["callback_url"])
        return dict(saved)

    @property
    def name(self) -> str:
        """The organization's name."""
        return str(
            self._sql.execute("SELECT name FROM organizations WHERE id = %s", (self.id,)).fetchone()["name"]
        )

    @property
    def login(self) -> dict[str, Any]:
        """Both logins of the mailbox, as the guide's Test 5 sends them."""
        email, password = self.mailbox["email"], self.mailbox["password"]
        smtp, imap = self.runner.info["smtp"], self.runner.info["imap"]
        return {
            "email": email,
            "smtp_host": smtp["host"],
            "smtp_port": smtp["port"],
            "smtp_user": email,
            "smtp_password": password,
            "imap_host": imap["host"],
            "imap_port": imap["port"],
            "imap_user": email,
            "imap_password": password,
        }

    def connect_mailbox(self, **options: Any) -> str:
        """Add the mailbox and return its id."""
        body = {**self.login, "name": "Support Inbox", "is_default": True, **options}
        return str(self.admin.ask("/settings/email-accounts", body)["id"])

    # ── what the customer does ───────────────────────────────────────────────────────────────

    def write_mail(
        self, subject: str, text: str, *, answers: str | None = None, message_id: str | None = None
    ) -> str:
        """Let the customer send a mail and return its Message-ID; `answers` is the id it refers to."""
        mail = EmailMessage()
        mail["From"] = f"Asha Customer <{self.customer_email}>"
        mail["To"] = self.mailbox["email"]
        mail["Subject"] = subject
        mail["Message-ID"] = message_id or f"<{uuid4()}@customer.example>"
        if answers:
            mail["References"] = mail["In-Reply-To"] = answers
        mail.set_content(text)
        self.deliver_mail(mail.as_bytes())
        return str(mail["Message-ID"])

    def deliver_mail(self, raw: bytes) -> None:
        """Bring any bytes into the mailbox, by SMTP."""
        smtp = self.runner.info["smtp"]
        with smtplib.SMTP(smtp["host"], smtp["port"], timeout=PATIENCE_S) as connection:
            connection.sendmail(self.customer_email, [self.mailbox["email"]], raw)

    def write_whatsapp(self, text: str) -> dict[str, Any]:
        """Let the customer write on WhatsApp and return what the simulated Exotel posted."""
        return dict(
            self.sandbox(
                "/incoming",
                {"from": self.customer_number, "to": self.exotel.whatsapp_number, "text": text},
            )
        )

    @contextmanager
    def phone_in_hand(self) -> Iterator[None]:
        """Stop automatic delivery reports; `report` sends them."""
        self.sandbox("/ladder", {"auto": False})
        try:
            yield
        finally:
            self.sandbox("/ladder", {"auto": True})

    def report(self, message_id: object, *codes: int) -> None:
        """Let the customer's phone report on an accepted message: 30001 sent, 30002 delivered, 30003 read."""
        (sid,) = [sid for request in self.arrivals(message_id) for sid in request["sids"]]
        attempts = self.sandbox("/callbacks", {"sid": sid, "codes": list(codes)})["attempts"]
        assert [attempt["status"] for attempt in attempts] == [200] * len(codes)

    # ── what observers see ───────────────────────────────────────────────────────────────────

    def sandbox(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """Ask the sandbox's control API; POST when there is a body."""
        return ask_sandbox(self.runner, path, body, method=method)

    def change_exotel_account(self, **values: Any) -> None:
        self.sandbox(f"/accounts/{self.exotel.credentials['account_sid']}", values, method="PATCH")

    def arrivals(self, message_id: object) -> list[dict[str, Any]]:
        """Return every request by which a message reached the simulated Exotel, whatever came of it."""
        return [
            request
            for request in self.sandbox("/received?kind=whatsapp")["received"]
            if request["operation"] == "whatsapp.send" and str(message_id) in str(request["body"])
        ]

    def sql(self, statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Run a statement as superuser, past row-level security, and return its rows."""
        cursor = self._sql.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def row(self, message_id: object) -> dict[str, Any]:
        """Return a message's row of the ledger."""
        return self.sql("SELECT * FROM messages WHERE id = %s", (message_id,))[0]

    def thread_messages(self, thread_id: object) -> list[dict[str, Any]]:
        """Return a thread's messages as the agent reads them."""
        return list(self.agent.read(f"/communications/threads/{thread_id}")["messages"])

    def await_status(self, message_id: object, *wanted: str) -> str:
        """Wait until a message has one of these statuses and return it."""

        def reached() -> str | None:
            status = self.row(message_id)["status"]
            return status if status in wanted else None

        return str(eventually(reached))


def connect_as_superuser(runner: Runner) -> "psycopg.Connection[dict[str, Any]]":
    return psycopg.connect(runner.info["database"]["superuser_url"], autocommit=True, row_factory=dict_row)


def ask_sandbox(runner: Runner, path: str, body: object = None, *, method: str | None = None) -> Any:
    """Ask the sandbox's control API; POST when there is a body."""
    answer = httpx.request(
        method or ("GET" if body is None else "POST"),
        f"{runner.info['exotel_url']}/_sandbox{path}",
        json=body,
        timeout=PATIENCE_S,
        trust_env=False,
    )
    assert answer.is_success, answer.text
    return answer.json()
