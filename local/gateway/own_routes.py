"""The runner's own routes under /local: addresses, tokens for whom the product knows, functions, timers, blobs."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, Router

from local.database import Database
from local.demo import USERS
from local.gateway.blobs import Blobs
from local.queues.refusals import QueueDoesNotExist
from local.queues.service import QueueService
from local.runtime.pool import Pool
from local.timers import Timers

TOKEN_LIFETIME_S = 24 * 3600
ISSUER = "banxway-local"
AUDIENCE = "authenticated"


class OwnRoutes:
    """The routes that tests, benchmarks and the printed curl line use."""

    def __init__(
        self,
        *,
        addresses: Callable[[], dict[str, Any]],
        pool: Pool,
        timers: Timers,
        queues: QueueService,
        database: Database,
        blobs: Blobs,
        secret: str,
    ) -> None:
        self._addresses = addresses
        self._pool = pool
        self._timers = timers
        self._queues = queues
        self._database = database
        self._blobs = blobs
        self._secret = secret

    def application(self) -> Router:
        """Return the routes as an ASGI application."""
        return Router(
            [
                Route("/local/info", self._show_addresses),
                Route("/local/token", self._make_token, methods=["POST"]),
                Route("/local/functions", self._show_functions),
                Route("/local/functions/{function}", self._change_function, methods=["PATCH"]),
                Route("/local/timers/{function}", self._run_timer, methods=["POST"]),
                Route("/local/blobs/{token}", self._blobs.serve, methods=["GET", "PUT"]),
                Route("/local/database/{action}", self._switch_database, methods=["POST"]),
                Route("/local/queues/{queue}/{action}", self._switch_queue, methods=["POST"]),
            ]
        )

    async def _show_addresses(self, _request: Request) -> JSONResponse:
        return JSONResponse(self._addresses())

    async def _make_token(self, request: Request) -> JSONResponse:
        values = await _object_in(request)
        if values is None or not isinstance(values.get("email"), str):
            return JSONResponse(
                {"error": 'the body must be JSON such as {"email": "admin@banxway.local"}'}, 400
            )
        email = values["email"].strip().lower()
        subject = await asyncio.to_thread(subject_of, self._database.superuser_url, email)
        if subject is None:
            return JSONResponse({"error": f"nobody with the address {email} is a member or invited"}, 404)
        number = values.get("phone_number")
        verified = {"phone_number": number, "phone_number_verified": True} if isinstance(number, str) else {}
        return JSONResponse({"token": make_token(self._secret, subject=subject, email=email, **verified)})

    async def _show_functions(self, _request: Request) -> JSONResponse:
        return JSONResponse(self._pool.describe())

    async def _change_function(self, request: Request) -> JSONResponse:
        """Change the time limit of a function's next instances."""
        values = await _object_in(request)
        if values is None:
            return JSONResponse({"error": 'the body must be JSON such as {"timeout_s": 30}'}, 400)
        timeout_s = values.get("timeout_s")
        if not isinstance(timeout_s, int) or isinstance(timeout_s, bool) or timeout_s < 1:
            return JSONResponse({"error": "timeout_s must be a whole number of seconds, at least 1"}, 422)
        try:
            former_s = self._pool.set_timeout(request.path_params["function"], timeout_s)
        except KeyError as error:
            return JSONResponse({"error": f"no function {error.args[0]}"}, 404)
        return JSONResponse({"timeout_s": timeout_s, "former_timeout_s": former_s})

    async def _run_timer(self, request: Request) -> JSONResponse:
        try:
            invocation = await self._timers.run_now(request.path_params["function"])
        except KeyError as error:
            return JSONResponse({"error": f"no timer starts {error.args[0]}"}, 404)
        return JSONResponse(
            {"result": invocation.result, "error": invocation.error}, 502 if invocation.error else 200
        )

    async def _switch_database(self, request: Request) -> JSONResponse:
        """Stop or start PostgreSQL, so that tests can see what an outage does."""
        actions = {"stop": self._database.stop, "start": self._database.start}
        action = request.path_params["action"]
        if action not in actions:
            return JSONResponse({"error": "the action must be stop or start"}, 404)
        await asyncio.to_thread(actions[action])
        return JSONResponse({"database": action})

    async def _switch_queue(self, request: Request) -> JSONResponse:
        """Pause or resume a queue, so that tests decide when its workers begin."""
        actions = {"pause": self._queues.pause, "resume": self._queues.resume}
        action = request.path_params["action"]
        if action not in actions:
            return JSONResponse({"error": "the action must be pause or resume"}, 404)
        try:
            actions[action](request.path_params["queue"])
        except QueueDoesNotExist as error:
            return JSONResponse({"error": error.message}, 404)
        return JSONResponse({"queue": action})


async def _object_in(request: Request) -> dict[str, Any] | None:
    """Return the body's JSON object, or None for a body that is anything else."""
    try:
        values = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def subject_of(superuser_url: str, email: str) -> str | None:
    """Return the subject with which an address signs in here; None for somebody who is neither member nor invited.

    A member keeps theirs. Somebody who is invited gets one of this runner's own, the same each time.
    """
    for user in USERS:  # also while the database is stopped
        if user.email == email:
            return str(user.id)
    try:
        with psycopg.connect(superuser_url) as connection:
            rows = connection.execute(
                "SELECT subject FROM users WHERE email = %s ORDER BY subject NULLS LAST LIMIT 1", (email,)
            ).fetchall()
    except psycopg.Error:  # stopped, or a template without the product's tables
        return None
    if not rows:
        return None
    return str(rows[0][0] or f"local|{hashlib.sha256(email.encode()).hexdigest()[:32]}")


def make_token(secret: str, *, subject: str, email: str, age_s: int = 0, **more: Any) -> str:
    """Return a session token as the sign-in service would have issued it `age_s` ago, valid for 24 hours.

    The service has verified the address. `more` are further claims.
    """
    import jwt  # takes a tenth of a second, and no start needs it

    now = int(time.time()) - age_s
    claims = {
        "sub": subject,
        "email": email,
        "email_verified": True,
        **more,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + TOKEN_LIFETIME_S,
    }
    return jwt.encode(claims, secret, algorithm="HS256")
