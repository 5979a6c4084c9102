"""An organization in which nothing is wrong, and everything around it that can be made to go wrong.

Exotel is the simulated one, mail servers are scripted, queues are moto's; the product's own clients speak to all
of them. A fault is one change of an Examined; `findings` then asks the product what is wrong.
"""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from banxway.app.diagnosis_target import deployment_of
from banxway.clock import Clock
from banxway.services.status.diagnosis.probes import THREAD
from banxway.services.status.diagnosis.runner import Diagnosis
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.product.app import Bundle, bundle_of
from tests.support.running.sandbox import SandboxClient
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.imap_server import Script, ScriptedImap
from tests.support.servers.scripted_http import Reply, ScriptedHttp, answer
from tests.support.servers.smtp_server import PASSWORD, USERNAME, ScriptedSmtp
from tests.support.timing.waiting import PATIENCE_S, eventually

PATH = "/api/v1/settings/diagnostics"
ACCOUNT = "banxway_demo1"
NUMBER = "01141169368"
TOKEN = "token-canary-9c41d7"
TYPES = ("exotel_phone", "exotel_whatsapp", "exotel_sms")
HEALTH = answer(200, {"success": True, "data": {"status": "ok", "migrations_expected": 9}})
CANARIES = (TOKEN, PASSWORD, "demo-key")


@dataclass
class MailNetwork:
    """Where host and port lead: the port of a scripted server, or what dialling them raises."""

    routes: dict[tuple[str, int], int | OSError] = field(default_factory=dict)

    def vet(self, host: str, port: int, *, field: str) -> None:
        """Let every address be dialled: what is there is found out by dialling it."""

    def connect(self, host: str, port: int, timeout_s: float, **_: Any) -> socket.socket:
        place = self.routes.get((host, port), socket.gaierror("no such host"))
        if isinstance(place, OSError):
            raise place
        return socket.create_connection(("127.0.0.1", place), timeout_s)


class PatienceEnds(Clock):
    """Moves past every deadline as soon as all but `silent` questions are answered, however long that takes.

    Questions are asked in threads. Threads that ran before do not count, such as those of servers that hang.
    """

    def __init__(self, silent: int) -> None:
        self._silent = silent
        self._asker = threading.current_thread()
        self._others = set(threading.enumerate())
        self._has_begun = False

    def monotonic(self) -> float:
        if threading.current_thread() is not self._asker:
            return 0.0
        asking = self._asking()
        self._has_begun = self._has_begun or bool(asking)
        if not self._has_begun:
            return 0.0
        eventually(lambda: len(self._asking()) <= self._silent)
        return 2.0 * PATIENCE_S

    def _asking(self) -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name == THREAD and each not in self._others]


class Examined:
    """One organization at one deployment. Made by `examined`."""

    def __init__(
        self, bundle: Bundle, organization: Organization, sandbox: SandboxClient, authority: TestAuthority
    ) -> None:
        self.bundle = bundle
        self.organization = organization
        self.sandbox = sandbox
        self.authority = authority
        self.network = MailNetwork()
        self.stack = ExitStack()
        self.ids: dict[str, UUID] = {}
        # How many questions are never answered.
        self.silent = 0
        self._deployment: dict[str, Any] = {}
        self._adopt(bundle)

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def report(self, user: UUID | None = None) -> dict[str, Any]:
        """Return what the endpoint answers."""
        clock = self.bundle.app.status.diagnosis._clock
        self.bundle.app.status.diagnosis = Diagnosis(
            self.bundle.app.infrastructure.database,
            providers=self.bundle.app.infrastructure.providers,
            credentials=lambda: self.bundle.app.integrations.credentials,
            deployment=replace(deployment_of(self.bundle.app), **self._deployment),
            clock=PatienceEnds(self.silent) if self.silent else clock,
            deadline_s=PATIENCE_S,
        )
        data: dict[str, Any] = self.bundle.get(PATH, user or self.organization.manager).data
        return data

    # ── changing ─────────────────────────────────────────────────────────────────────────────

    def settings(self, **changes: Any) -> None:
        """Run the same deployment with other settings."""
        twin = self.bundle.twin(**changes)
        self.stack.callback(twin.close)
        self._adopt(twin)

    def queue(self, name: str, url: str) -> None:
        """Run the same deployment with another address of a queue; none where it is empty."""
        self.settings(queue_urls=dict(self.bundle.settings.queue_urls) | {name: url})

    def deployment(self, **changes: Any) -> None:
        """Change what the diagnosis finds of the deployment."""
        self._deployment |= changes

    def account(self, **changes: Any) -> None:
        """Change the account at the simulated Exotel."""
        self.sandbox.control("PATCH", f"/accounts/{ACCOUNT}", changes)

    def fault(self, kind: str, **values: Any) -> None:
        """Spoil Exotel's next answers."""
        self.sandbox.control("POST", "/faults", {"operation": "*", "kind": kind, "times": 50, **values})

    def sql(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """Run a statement as superuser."""
        return self.bundle.database.rows(statement, parameters)

    def set(self, table: str, assignments: str) -> None:
        """Change every row that the organization has in a table."""
        self.sql(f"UPDATE {table} SET {assignments} WHERE organization_id = %s", self.organization.id)

    def configure(self, kind: str, settings: dict[str, Any], **secrets: str) -> None:
        """Change what is saved of an integration."""
        sealed = self._seal(kind, "integration_credentials", self._secrets() | secrets)
        self.sql(
            "UPDATE integration_credentials SET credentials_encrypted = %s WHERE id = %s",
            sealed,
            self.ids[kind],
        )
        self.sql(
            "UPDATE integration_settings SET settings = settings || %s WHERE integration_id = %s",
            json.dumps(settings),
            self.ids[kind],
        )

    def reseal(self) -> None:
        """Seal everything again, under the key of the present settings."""
        for kind in TYPES:
            self.configure(kind, {})
        self.passwords(PASSWORD, PASSWORD)

    def passwords(self, smtp: str, imap: str) -> None:
        """Change the saved passwords of the mailbox."""
        sealed = self._seal("mailbox", "email_accounts", {"smtp_password": smtp, "imap_password": imap})
        self.sql(
            "UPDATE email_accounts SET credentials_encrypted = %s WHERE id = %s", sealed, self.ids["mailbox"]
        )

    def smtp(
        self, host: str = "smtp.zoho.com", port: int = 587, *, implicit: bool = False, **replies: str
    ) -> None:
        """Put a scripted SMTP server at this host and port."""
        server = ScriptedSmtp(self.authority.server_context(host), is_implicit=implicit, **replies)
        self.network.routes[(host, port)] = self.stack.enter_context(server).port

    def imap(
        self, host: str = "imap.zoho.com", port: int = 993, *, expired: bool = False, **says: bytes | str
    ) -> ScriptedImap:
        """Put a scripted IMAP server at this host and port; GREETING replaces its greeting."""
        script = Script(greeting=says.pop("GREETING", b"* OK ready\r\n"), says=dict(says))
        server = ScriptedImap(self.authority.server_context(host, is_expired=expired), script)
        self.network.routes[(host, port)] = self.stack.enter_context(server).port
        return server

    def poll(self) -> None:
        """Poll the mailbox as a person who asks for it does."""
        self.bundle.post(
            f"/api/v1/settings/email-accounts/{self.ids['mailbox']}/poll-now", self.organization.manager
        )

    def webhook_target(self, reply: Reply) -> str:
        """Return the address of a server that answers everything with this."""
        return self.stack.enter_context(ScriptedHttp(reply)).url

    def add_mailbox(self, email: str = "sales@example.test") -> UUID:
        """Add a second mailbox that is polled."""
        account = uuid4()
        self.sql(
            """INSERT INTO email_accounts (id, organization_id, name, email, smtp_host, smtp_port, smtp_user,
                   imap_host, imap_port, imap_user, credentials_encrypted, is_verified, last_polled_at, next_poll_at)
               VALUES (%s, %s, 'Sales', %s, 'smtp.zoho.com', 587, %s, 'imap.zoho.com', 993, %s, %s, true, now(),
                       now() + interval '30 seconds')""",
            account,
            self.organization.id,
            email,
            USERNAME,
            USERNAME,
            self._seal_for(account, "email_accounts", {"smtp_password": PASSWORD, "imap_password": PASSWORD}),
        )
        return account

    def add_message(self, status: str, **columns: Any) -> None:
        """Add an outbound WhatsApp message of an hour ago."""
        thread = self.ids.get("thread") or self._add_thread()
        values: dict[str, Any] = {
            "id": uuid4(),
            "organization_id": self.organization.id,
            "thread_id": thread,
            "customer_id": self.ids["customer"],
            "channel": "WHATSAPP",
            "direction": "outbound",
            "status": status,
            "sender": "+911141169368",
            "recipient": "+919876543210",
            "join_rule": "agent",
        } | columns
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        self.sql(
            f"INSERT INTO messages ({names}, occurred_at, updated_at, next_attempt_at) "
            f"VALUES ({places}, now(), now() - interval '1 hour', now() - interval '1 hour')",
            *values.values(),
        )

    def add_callbacks(self, outcome: str, count: int) -> None:
        """Add callbacks that have just arrived."""
        self.sql(
            """INSERT INTO webhook_events (id, organization_id, kind, content_type, body, body_sha256,
                   is_identifiable, outcome, received_at)
               SELECT gen_random_uuid(), %s, 'whatsapp', 'application/json', '{}', n::text, false, %s, now()
               FROM generate_series(1, %s) AS n""",
            self.organization.id,
            outcome,
            count,
        )

    # ── making ───────────────────────────────────────────────────────────────────────────────

    def make_healthy(self) -> None:
        """Save three Exotel integrations and a mailbox; all of them work."""
        self.account(api_token=TOKEN, numbers=[{"phone_number": NUMBER, "sms": True}])
        self.smtp()
        self.imap()
        for kind in TYPES:
            self._add_integration(kind)
        self.sql(
            """INSERT INTO organization_phone_numbers (id, organization_id, integration_id, phone_number)
               VALUES (%s, %s, %s, %s)""",
            uuid4(),
            self.organization.id,
            self.ids["exotel_phone"],
            NUMBER,
        )
        self.sql(
            """INSERT INTO whatsapp_templates (id, organization_id, name, language, status)
               VALUES (%s, %s, 'shipping_update', 'en', 'approved')""",
            uuid4(),
            self.organization.id,
        )
        self.sql(
            """INSERT INTO user_integration_permissions (id, organization_id, user_id, integration_type, can_use)
               SELECT gen_random_uuid(), organization_id, users.id, type, true FROM users, unnest(%s::text[]) AS type
               WHERE organization_id = %s ON CONFLICT DO NOTHING""",
            list(TYPES),
            self.organization.id,
        )
        self.ids["mailbox"] = self.add_mailbox(USERNAME)

    def _adopt(self, bundle: Bundle) -> None:
        """Let the product use its own clients, over a network of ours."""
        self.bundle = bundle
        bundle.app.infrastructure.hosts = self.network
        vars(bundle.app.infrastructure).pop("providers", None)

    def _secrets(self) -> dict[str, str]:
        return {"account_sid": ACCOUNT, "api_key": "demo-key", "api_token": TOKEN, "region": "singapore"}

    def _seal(self, name: str, table: str, secrets: dict[str, str]) -> str:
        return self._seal_for(self.ids[name], table, secrets)

    def _seal_for(self, row_id: UUID, table: str, secrets: dict[str, str]) -> str:
        return self.bundle.app.integrations.credentials.seal(
            secrets, organization_id=self.organization.id, table=table, row_id=row_id
        )

    def _add_integration(self, kind: str) -> None:
        self.ids[kind] = uuid4()
        settings = {
            "exotel_phone": {"virtual_number": NUMBER},
            "exotel_whatsapp": {"whatsapp_number": "+911141169368", "waba_id": "108200000000001"},
            "exotel_sms": {"sms_number": NUMBER},
        }[kind]
        self.sql(
            """INSERT INTO integration_credentials
                   (id, organization_id, integration_type, credentials_encrypted, is_verified)
               VALUES (%s, %s, %s, '', true)""",
            self.ids[kind],
            self.organization.id,
            kind,
        )
        self.sql(
            "INSERT INTO integration_settings (organization_id, integration_id) VALUES (%s, %s)",
            self.organization.id,
            self.ids[kind],
        )
        self.configure(kind, settings)

    def _add_thread(self) -> UUID:
        self.ids["customer"], self.ids["thread"] = uuid4(), uuid4()
        self.sql(
            "INSERT INTO customers (id, organization_id) VALUES (%s, %s)",
            self.ids["customer"],
            self.organization.id,
        )
        self.sql(
            "INSERT INTO threads (id, organization_id, customer_id, last_message_at) VALUES (%s, %s, %s, now())",
            self.ids["thread"],
            self.organization.id,
            self.ids["customer"],
        )
        return self.ids["thread"]


@contextmanager
def examined(
    database: TestDatabase, folder: Path, sandbox: SandboxClient, authority: TestAuthority
) -> Iterator[Examined]:
    """Make a healthy Examined at a deployment of its own."""
    with (
        ScriptedHttp(HEALTH) as public,
        bundle_of(
            database,
            folder,
            allow_private_hosts=True,
            exotel_api_url=sandbox.sandbox.exotel_url,
            webhook_base_url=public.url,
            trusted_ca_file=str(authority.certificate_file),
        ) as bundle,
    ):
        made = Examined(bundle, bundle.database.add_organization(), sandbox, authority)
        made.make_healthy()
        with made.stack:
            yield made
