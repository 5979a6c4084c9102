"""A small sign-in service by OpenID Connect: authorization code with PKCE, and refresh tokens.

    with sign_in_service() as service:
        service.issuer, service.client_id    what a deployment must know
        service.forget()                     ends its own session and refresh tokens: it must ask the person again

Its page has one button per person; a person who is signed in there is not asked again, as at real services.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.gateway.own_routes import make_token
from local.servers import claim
from tests.support.timing.waiting import eventually

CLIENT_ID = "banxway-console"
PEOPLE = ("admin@banxway.local", "agent@banxway.local")
SUBJECT_BEGINS = "service|"
"""What the subject of each person begins with, before the address."""

_KEY_ID = "test-key"
_LIFETIME_S = 3600


class SignInService:
    """The service's state; its routes are in `application`."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.client_id = CLIENT_ID
        self.asked: list[dict[str, str]] = []
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._signed_in: str | None = None
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh_tokens: dict[str, str] = {}

    def forget(self) -> None:
        """End the service's own session, and every refresh token."""
        self._signed_in = None
        self._refresh_tokens.clear()

    def application(self) -> Starlette:
        """Return the service as an ASGI application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/choose", self._choose, methods=["POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/jwks", self._jwks),
                Route("/logout", self._logout),
            ],
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"])],
        )

    async def _metadata(self, _request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/logout",
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        if asked["client_id"] != CLIENT_ID or asked["code_challenge_method"] != "S256":
            return JSONResponse({"error": "invalid_request"}, 400)
        if self._signed_in and not asked.get("login_hint"):
            return self._back(asked, self._signed_in)
        if asked.get("prompt") == "none":
            answer = urlencode({"error": "login_required", "state": asked["state"]})
            return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)
        return HTMLResponse(_page(asked))

    async def _choose(self, request: Request) -> Response:
        form = await _form(request)
        self._signed_in = form["email"]
        return self._back(json.loads(form["asked"]), self._signed_in)

    def _back(self, asked: dict[str, str], email: str) -> Response:
        code = secrets.token_urlsafe()
        self._codes[code] = {
            "email": email,
            "challenge": asked["code_challenge"],
            "redirect_uri": asked["redirect_uri"],
        }
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 303)

    async def _token(self, request: Request) -> JSONResponse:
        form = await _form(request)
        if form["grant_type"] == "refresh_token":
            email = self._refresh_tokens.pop(form["refresh_token"], None)
        else:
            email = self._redeem(form)
        if email is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        refresh_token = secrets.token_urlsafe()
        self._refresh_tokens[refresh_token] = email
        return JSONResponse(
            {
                "token_type": "Bearer",
                "access_token": secrets.token_urlsafe(),
                "id_token": self._id_token(email),
                "refresh_token": refresh_token,
                "expires_in": _LIFETIME_S,
            }
        )

    def _redeem(self, form: dict[str, str]) -> str | None:
        granted = self._codes.pop(form["code"], None)
        if granted is None or granted["redirect_uri"] != form["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return granted["email"] if challenge == granted["challenge"] else None

    def _id_token(self, email: str) -> str:
        issued = make_token(
            "signed again below, with the service's own key", subject=f"{SUBJECT_BEGINS}{email}", email=email
        )
        claims = jwt.decode(issued, options={"verify_signature": False})
        claims |= {"iss": self.issuer, "aud": CLIENT_ID}
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": _KEY_ID})

    async def _jwks(self, _request: Request) -> JSONResponse:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return JSONResponse({"keys": [{**key, "kid": _KEY_ID, "use": "sig", "alg": "RS256"}]})

    async def _logout(self, request: Request) -> Response:
        self.forget()
        return RedirectResponse(request.query_params["logout_uri"], 302)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode()))


def _page(asked: dict[str, str]) -> str:
    kept = html.escape(json.dumps(asked), quote=True)
    buttons = "".join(f'<button name="email" value="{email}">{email}</button>' for email in PEOPLE)
    return (
        f"<!doctype html><title>Sign-in service</title>"
        f'<form method="post" action="/choose"><input type="hidden" name="asked" value="{kept}">{buttons}</form>'
    )


@contextmanager
def sign_in_service() -> Iterator[SignInService]:
    """Run a sign-in service on a free port of this machine."""
    listener = claim(0)
    service = SignInService(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(service.application(), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield service
    finally:
        server.should_exit = True
        thread.join()
