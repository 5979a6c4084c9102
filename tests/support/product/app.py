"""The whole product in one process: a real database, real queues, real parsers, fakes where providers would be.

A Bundle is one App, as one Lambda process has it, and invokes functions with the events that Lambda would
give them. A route is looked up in template.yaml, so that a test asks for a path as a browser does.
"""

import json
import socket as socket_library
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest

from banxway.app import App
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.entrypoints import deployment, http, socket, timer, webhook, worker
from banxway.models.queue_items import queues
from banxway.security.hosts import HostGuard
from banxway.settings import Settings
from banxway.storage.queues import Queues
from tests.support.databases.postgres import TestDatabase
from tests.support.gates.routes import CONSUMERS, Handler, find_route, handler_of
from tests.support.product.documented import require_documented
from tests.support.product.events import as_body, context, http_event, queue_event, queue_record
from tests.support.product.fakes import FakeFrames, FakeProviders
from tests.support.product.moto_aws import queues_at, sqs_client

JWT_SECRET = "only tests sign sessions with this sentence"
WEBHOOK_SECRET = "only tests sign callback references with this sentence"

_ENTRYPOINTS = (deployment, http, socket, timer, webhook, worker)
_serving: ContextVar[App] = ContextVar("serving")


def settings_of(database: TestDatabase | None, folder: Path, **changes: Any) -> Settings:
    """Return a deployment's settings; queues get a name of their own, so that no other test sees them."""
    mine = uuid4().hex[:12]
    queue_urls = {
        name: f"https://sqs.ap-south-1.amazonaws.com/123456789012/{mine}-{name}" for name in queues()
    }
    values: dict[str, Any] = {
        "environment": "local",
        "database_url": database.app_url if database else None,
        "owner_database_url": database.owner_url if database else None,
        "jwt_secret": JWT_SECRET,
        "jwt_issuer": "https://issuer.test",
        "jwt_audience": "authenticated",
        "encryption_master_key": "a" * 43 + "=",
        "webhook_secret": WEBHOOK_SECRET,
        "webhook_base_url": "https://api.test",
        "blob_folder": str(folder),
        "blob_url": "https://blobs.test",
        "websocket_url": "wss://live.test/live",
        "console_origin": "https://console.test",
        "send_wait_seconds": 0.1,
        "queue_urls": queue_urls,
    }
    return Settings(**(values | changes))


def _resolve(host: str, port: int, **options: Any) -> list[Any]:
    """Resolve every name of a mail server to a public address, without a name service; localhost stays localhost."""
    known = host if host == "localhost" or not host.strip(".0123456789abcdef:") else "1.1.1.1"
    return socket_library.getaddrinfo(known, port, **options)


@contextmanager
def apps_are_chosen() -> Iterator[None]:
    """Let every entrypoint use the App that `invoke` is given, one for each thread, instead of the process's."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _ENTRYPOINTS:
            patch.setattr(module, "current_app", _serving.get)
        yield


def token(user_id: UUID | str, *, secret: str = JWT_SECRET, lifetime_s: int = 3600, **claims: Any) -> str:
    """Sign a session for a user; claims replace those of a good one, and None leaves one out."""
    import jwt

    now = datetime.now(UTC)
    good = {
        "sub": str(user_id),
        "iss": "https://issuer.test",
        "aud": "authenticated",
        "iat": now - timedelta(seconds=10),
        "exp": now + timedelta(seconds=lifetime_s),
    }
    kept = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(kept, secret, algorithm="HS256")


def invoke(app: App, handler: Handler, event: Mapping[str, Any]) -> Any:
    """Invoke a function as one warm process of this App would; inside `apps_are_chosen`."""
    chosen = _serving.set(app)
    try:
        return handler(dict(event), context())
    finally:
        _serving.reset(chosen)


@dataclass(frozen=True)
class Answer:
    """What a client sees."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        assert self.json["success"] is True, self.text
        return self.json["data"]

    def without_request_id(self) -> tuple[int, dict[str, Any]]:
        """Return what two refusals must share."""
        return self.status, {name: value for name, value in self.json.items() if name != "request_id"}


class Bundle:
    """One App with everything around it; made by `bundle_of`."""

    def __init__(
        self,
        database: TestDatabase,
        settings: Settings,
        providers: FakeProviders,
        frames: FakeFrames,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self.database = database
        self.settings = settings
        self.providers = providers
        self.frames = frames
        self.app = App(settings)
        self.app.infrastructure.clock = clock
        self.app.infrastructure.queues = Queues(sqs_client)
        self.app.infrastructure.providers = providers.providers()
        self.app.infrastructure.frames = frames
        self.app.infrastructure.hosts = HostGuard(
            allow_private=settings.allow_private_hosts, resolve=_resolve
        )

    def twin(self, *, clock: Clock = SYSTEM_CLOCK, **changes: Any) -> "Bundle":
        """Return a second process of the same deployment, with other settings if any are given."""
        return Bundle(self.database, replace(self.settings, **changes), self.providers, self.frames, clock)

    def close(self) -> None:
        self.app.infrastructure.database.close()

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def call(self, handler: Handler, event: Mapping[str, Any]) -> Any:
        """Invoke a function with a whole event."""
        return invoke(self.app, handler, event)

    def request(
        self,
        method: str,
        target: str,
        *,
        user: UUID | None = None,
        body: object = None,
        raw: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a path with its query, as a signed-in user if one is given; `raw` is a body that is not JSON."""
        parts = urlsplit(target)
        route, variables = find_route(method, parts.path)
        event = http_event(
            method,
            parts.path,
            route=route.path,
            variables=variables,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=({"authorization": f"Bearer {token(user)}"} if user else {}) | dict(headers or {}),
            body=raw if body is None else as_body(body),
        )
        answer = self.call(route.handler, event)
        require_documented(method, route.path, answer["statusCode"], answer["body"])
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

    def get(self, target: str, user: UUID) -> Answer:
        """GET as a user."""
        return self.request("GET", target, user=user)

    def put(self, target: str, user: UUID, body: object) -> Answer:
        """PUT as a user."""
        return self.request("PUT", target, user=user, body=body)

    def post(self, target: str, user: UUID, body: object = None, **headers: str) -> Answer:
        """POST as a user; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", target, user=user, body=body, headers=named)

    # ── queues ───────────────────────────────────────────────────────────────────────────────

    def queue_url(self, name: str) -> str:
        """Return the address of a queue by its name, such as "message"."""
        return self.settings.queue_url(name)

    def queued(self, name: str) -> list[dict[str, Any]]:
        """Receive and delete the visible items of a queue, and return them."""
        return [json.loads(record["body"]) for record in self._take(name)]

    def work(self, *names: str) -> int:
        """Let queues' consumers work in turn until nothing visible is left; returns how many items they got."""
        given = 0
        for name in names:
            while records := self._take(name):
                given += len(records)
                failed = self.call(handler_of(CONSUMERS[name]), queue_event(records))["batchItemFailures"]
                assert not failed, f"{CONSUMERS[name]} failed"
        return given

    def _take(self, name: str) -> list[dict[str, Any]]:
        url = self.queue_url(name)
        received = sqs_client().receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        records = []
        for message in received.get("Messages", []):
            sqs_client().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            said = {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}
            name = url.rpartition("/")[2]
            records.append(queue_record(message["Body"], queue=name, message_id=message["MessageId"], **said))
        return records


@contextmanager
def bundle_of(database: TestDatabase, folder: Path, **changes: Any) -> Iterator[Bundle]:
    """Make a Bundle whose queues exist, in moto."""
    settings = settings_of(database, folder, **changes)
    with queues_at(list(settings.queue_urls.values())), apps_are_chosen():
        bundle = Bundle(database, settings, FakeProviders(), FakeFrames())
        yield bundle
        bundle.close()
