"""Starts everything that template.yaml describes, in order, and stops it again."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from local import demo
from local.addresses import Addresses
from local.build_steps import BuildSteps
from local.bundle import Builder
from local.children import Children
from local.console import reasons
from local.console.building import DEMO, ConsoleBuilder
from local.database import Database
from local.event_sources import EventSource
from local.gateway.application import Application
from local.gateway.blobs import blobs_of
from local.gateway.console import Console, no_console
from local.gateway.http import HttpApi
from local.gateway.own_routes import AUDIENCE, ISSUER, OwnRoutes
from local.gateway.sockets import Sockets
from local.queues.endpoint import Endpoint
from local.queues.service import QueueService
from local.queues.store import Store
from local.runtime.launcher import Launcher
from local.runtime.pool import Limits, Pool
from local.runtime.reload import SourceWatch
from local.servers import Server, claim
from local.sign_in_service import SignInService
from local.state import State
from local.template import Template, read_template
from local.timers import Timers

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """The options of the command line and the environment."""

    template: Path
    state: Path
    bundle: Path
    port: int
    console: bool
    sandbox: bool
    exotel_url: str | None
    webhook_base_url: str | None
    exotel_account: Mapping[str, str]
    timers: bool
    instances: int
    sign_in: SignInService | None = None


class Runner:
    """One run of the whole bundle, from `start` to `stop`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._started = time.monotonic()
        self._api_port = claim(options.port)
        self._sqs_port = claim(0)
        self._state = State(options.state)
        self._state.lock()
        self._state.trim_logs()
        self._secrets = self._state.secrets()
        self.addresses = Addresses(api=_url_of(self._api_port), sqs=_url_of(self._sqs_port))
        self._children = Children()
        self._database = Database(self._state, self._secrets, self._children)
        self._application = Application()
        self._servers: list[Server] = []
        self._console_folder: Path | None = None
        self._background: list[asyncio.Task[None]] = []
        self._sandbox: Any = None
        self._store: Store | None = None
        self._pool: Pool | None = None

    async def start(self) -> None:
        """Start everything and return when all of it is ready. After a failure, `stop` ends what was started."""
        self._servers.append(Server(self._application, self._api_port))
        await self._servers[0].start()
        await _both(self._start_database(), self._start_sandbox())
        template = self._read_template()
        queues = await self._start_queues(template)
        # The first start installs the packages of both, which takes most of its time.
        self._pool = pool = await _both(self._build_console(), self._start_runtime(template))
        await self._migrate(template, pool)
        timers = Timers(template.schedules, template.functions, pool)
        self._open_gateway(template, pool, timers, queues)
        sources = [EventSource(source, queues, pool) for source in template.sources]
        loops = [pool.maintain(), self._keep_database(), *(source.run() for source in sources)]
        loops += [timers.run()] if self._options.timers else []
        self._background = [asyncio.create_task(loop) for loop in loops]
        self._application.ready = True

    async def until_broken(self) -> None:
        """Wait forever, unless one of the runner's own loops ends: then raise its error."""
        await asyncio.gather(*self._background)

    async def stop(self) -> None:
        """Stop everything that was started, in the order that loses least."""
        self._application.ready = False
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._application.sockets:
            await self._application.sockets.close_all()
        if self._pool:
            await self._pool.stop()
        for server in self._servers:
            await server.stop()
        if self._sandbox:
            await asyncio.to_thread(self._sandbox.stop)
        await asyncio.to_thread(self._children.stop_all)
        if self._store:
            self._store.close()

    def facts(self) -> dict[str, Any]:
        """Return what /local/info shows: every address, and who may sign in."""
        return {
            "api": self.addresses.api,
            "websocket": f"{self.addresses.websocket}{self._application.socket_path or ''}",
            "database": {
                "owner_url": self._database.owner_url,
                "app_url": self._database.app_url,
                "superuser_url": self._database.superuser_url,
            },
            "sqs": {
                "url": self.addresses.sqs,
                "queues": {name: self.addresses.queue_url(name) for name in self._store.names()}
                if self._store
                else {},
            },
            "state": str(self._state.folder),
            "demo_users": [{name: str(value) for name, value in asdict(user).items()} for user in demo.USERS],
            "exotel": self._exotel_url,
            "instances": self._pool.figures() if self._pool else {},
            **self._sandbox_facts(),
        }

    def _sandbox_facts(self) -> dict[str, Any]:
        if not self._sandbox:
            return {}
        addresses: dict[str, Any] = self._sandbox.addresses()
        return addresses

    @property
    def _exotel_url(self) -> str:
        own = self._sandbox.exotel_url if self._sandbox else "https://api.exotel.com"
        return self._options.exotel_url or str(own)

    @property
    def _exotel_mumbai_url(self) -> str:
        """Return the address of the simulated Exotel's other region; another Exotel serves both at one address."""
        return str(self._sandbox.exotel_mumbai_url) if self._sandbox and not self._options.exotel_url else ""

    @property
    def _webhook_base_url(self) -> str:
        return self._options.webhook_base_url or self.addresses.api

    async def _start_database(self) -> None:
        with self._stage("PostgreSQL"):
            await asyncio.to_thread(self._database.start)

    async def _build_console(self) -> None:
        """Build the console if the working tree has one and its sources have changed."""
        builder = ConsoleBuilder(self._options.template.parent / "console", run=self._run_for_console)
        if self._options.console and builder.is_there:
            with self._stage("console"):
                self._console_folder = await asyncio.to_thread(builder.build, DEMO)

    def _run_for_console(self, command: list[str], folder: Path) -> None:
        log = self._state.logs / "console.log"
        steps = BuildSteps(
            self._children, log, what="the console cannot be built", folder=folder, reason=reasons.reason
        )
        steps(command)

    async def _start_sandbox(self) -> None:
        if not self._options.sandbox:
            return
        with self._stage("sandbox: Exotel, SMTP and IMAP"):
            self._sandbox = await asyncio.to_thread(
                _start_sandbox, self._state.folder, self._webhook_base_url
            )

    def _read_template(self) -> Template:
        with self._stage("template"):
            return read_template(
                self._options.template, parameters=self._parameters(), addresses=self.addresses
            )

    def _parameters(self) -> dict[str, str]:
        """Return the template's parameters for this machine."""
        return {
            "Environment": "local",
            "DatabaseUrl": self._database.app_url,
            "OwnerDatabaseUrl": self._database.owner_url,
            **self._sign_in_parameters(),
            "WebhookSecret": self._secrets.webhook_secret,
            "WebhookBaseUrl": self._webhook_base_url,
            "ExotelApiUrl": self._exotel_url,
            "ExotelMumbaiApiUrl": self._exotel_mumbai_url,
            **self._options.exotel_account,
            "ConsoleOrigin": self.addresses.api,
            "EncryptionMasterKey": self._secrets.encryption_master_key,
            "EncryptionPreviousMasterKey": self._secrets.encryption_previous_master_key,
            "BlobFolder": str(self._state.blobs),
            "BlobUrl": f"{self.addresses.api}/local/blobs",
            "AllowPrivateHosts": "1",
            "TrustedCaFile": str(self._state.certificate_authority) if self._sandbox else "",
        }

    def _sign_in_parameters(self) -> dict[str, str]:
        """Return who issues session tokens: a sign-in service, if one is named, else this runner."""
        if self._options.sign_in:
            return self._options.sign_in.parameters()
        return {"JwtSecret": self._secrets.jwt_secret, "JwtIssuer": ISSUER, "JwtAudience": AUDIENCE}

    async def _start_queues(self, template: Template) -> QueueService:
        with self._stage(f"{len(template.queues)} queues"):
            self._store = Store(self._state.queues)
            for queue in template.queues:
                self._store.ensure(queue.name, dict(queue.attributes))
            self._store.release_held()
            service = QueueService(self._store)
            self._servers.append(Server(Endpoint(service, self.addresses.sqs), self._sqs_port))
            await self._servers[-1].start()
        return service

    async def _start_runtime(self, template: Template) -> Pool:
        with self._stage(f"runtime for {len(template.functions)} functions"):
            folders = {layer for function in template.functions.values() for layer in function.layers}
            builder = Builder(
                self._options.bundle, run=BuildSteps(self._children, self._state.logs / "build.log")
            )
            built = await asyncio.to_thread(_built_layers, builder, folders)
            launcher = Launcher(
                children=self._children,
                state=self._state,
                interpreter=await asyncio.to_thread(builder.runtime),
                built_layers=built,
                queues_address=self.addresses.sqs,
            )
            watched = {function.folder for function in template.functions.values()} | (folders - built.keys())
        limits = Limits(total=self._options.instances)
        return Pool(template.functions, launcher, SourceWatch(watched), limits)

    async def _migrate(self, template: Template, pool: Pool) -> None:
        """Run the template's migrations as a deployment does, then add the demo users."""
        for function in template.migrations:
            with self._stage("migrations"):
                invocation = await pool.invoke(function, {})
                if invocation.error:
                    raise RuntimeError(
                        f"{function} failed: {invocation.error}; see {self._state.logs}/{function}.log"
                    )
                await asyncio.to_thread(demo.seed, self._database.superuser_url)

    def _open_gateway(self, template: Template, pool: Pool, timers: Timers, queues: QueueService) -> None:
        self._application.http = HttpApi(template, pool, fallback=self._console(template) or no_console)
        if template.sockets:
            self._application.sockets = Sockets(template.sockets, pool)
            self._application.socket_path = f"/{template.sockets.stage}"
        if self._sandbox:
            self._application.sandbox = _mounted("/sandbox/api", self._sandbox.api)
        routes = OwnRoutes(
            addresses=self.facts,
            pool=pool,
            timers=timers,
            queues=queues,
            database=self._database,
            blobs=blobs_of(self._state.blobs, self._secrets),
            secret=self._secrets.jwt_secret,
        )
        self._application.own = routes.application()

    def _console(self, template: Template) -> Console | None:
        if self._console_folder is None:
            return None
        return Console(
            self._console_folder,
            headers=template.console_headers,
            configuration={
                "environment": "local",
                "sandbox": self._options.sandbox,
                "sign_in": self._options.sign_in.for_console() if self._options.sign_in else None,
            },
        )

    async def _keep_database(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._database.revive()

    @contextlib.contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        yield
        print(f"  {name:<44} {time.monotonic() - self._started:5.1f} s", flush=True)


def _url_of(listener: Any) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _start_sandbox(state: Path, webhook_base_url: str) -> Any:
    from local import sandbox  # imports two mail servers: not needed with SANDBOX=0

    return sandbox.start(state, webhook_base_url=webhook_base_url)


def _mounted(path: str, application: Any) -> Any:
    from starlette.routing import Mount, Router

    return Router([Mount(path, application)])


def _built_layers(builder: Builder, layers: set[Path]) -> dict[Path, Path]:
    """Build the layers of third-party packages from their locks; our own layers are used from their source."""
    locks = {layer: layer / "requirements.txt" for layer in layers}
    return {layer: builder.layer(lock) for layer, lock in locks.items() if lock.exists()}


async def _both(first: Coroutine[Any, Any, None], second: Coroutine[Any, Any, T]) -> T:
    """Wait for both to end, even if one fails; then return the second's result, or raise what failed."""
    tasks = asyncio.create_task(first), asyncio.create_task(second)
    await asyncio.wait(tasks)
    for error in [task.exception() for task in tasks]:
        if error:
            raise error
    return tasks[1].result()
