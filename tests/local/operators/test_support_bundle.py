"""`make support-bundle`: everything a helper needs is in it, and no secret is, wherever one was."""

import json
import stat
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banxway.security import redaction
from local.operators import support_bundle
from local.state import State
from tests.support.product.traces import traces_of
from tests.support.servers.scripted_http import ScriptedHttp, answer

# Known to this machine: masked by their value, in whatever way they are written.
KNOWN = "correct horse battery"
# Known to nobody: masked by the name beside them, or by what they look like.
NAMED = "hunter2pw"
EXOTEL_TOKEN = "3f9c1b7ad2e84560bb01c2d3e4f5a6978812aacc"
APP_PASSWORD = "wxyz-abcd-1234-qrst-5678"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl"
PLANTED = (KNOWN, NAMED, EXOTEL_TOKEN, APP_PASSWORD, JWT)
PERSON = "asha.customer@example.org"
HARMLESS = "0d9f6a52-6b6e-4c55-9d0f-2f6f4f0d8a11"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    redaction.forget_all()


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    """A state folder in whose logs every secret was written in several ways."""
    made = State(tmp_path / "state")
    secrets = made.secrets()
    monkeypatch.setenv("EXOTEL_TOKEN", KNOWN)
    planted = [
        f"password={NAMED} token: {EXOTEL_TOKEN}",
        f"Authorization: Basic {b64encode(f'key:{KNOWN}'.encode()).decode()}",
        f"Authorization: Bearer {JWT}",
        f"login of {PERSON} with {APP_PASSWORD} failed for message {HARMLESS}",
        f"postgresql://banxway_app:{secrets.app_password}@127.0.0.1/banxway",
        json.dumps(
            {"message": f"sent {KNOWN}", "api_token": EXOTEL_TOKEN, "details": {"smtp_password": NAMED}}
        ),
        json.dumps({"message": "seen", "headers": [["Authorization", f"Bearer {JWT}"]], "id": HARMLESS}),
        f"jwt_secret {secrets.jwt_secret} key {secrets.encryption_master_key}",
    ]
    (made.logs / "MessagesDeliver.log").write_text("\n".join(planted) + "\n")
    return made


def _audit_answer() -> dict[str, Any]:
    error = f"535 refused {APP_PASSWORD} of {PERSON}, api_key={NAMED}, token {EXOTEL_TOKEN}"
    return {"data": [{"id": HARMLESS, "action": "integration.test", "details": {"error": error}}]}


def _bundle(state: State, folder: Path) -> dict[str, str]:
    """Write a bundle about a product that answers, and return its parts."""
    health = {"database": "ok", "migrations_applied": 1, "migrations_expected": 1}
    finding = {
        "severity": "error", "code": "exotel_invalid_credentials", "subject": "exotel_phone", "guide_issue": 2,
        "symptom": "401", "evidence": f"Exotel said {KNOWN}", "cause": "wrong", "fix": "copy it again",
    }  # fmt: skip
    report = {"healthy": False, "findings": [finding], "checks": []}
    info = {"database": {"app_url": f"postgresql://a:{KNOWN}@h/d"}, "state": str(state.folder)}
    with ScriptedHttp(
        answer(200, info),
        answer(200, {"data": health}),
        answer(200, {"data": report}),
        answer(200, {"data": health}),
        answer(200, {"data": {"phone": {"configured": True}}}),
        answer(200, {"data": []}),
        answer(200, {"data": [{"email": PERSON, "imap_host": "imap.zoho.com"}]}),
        answer(503, {"error": f"unavailable: {KNOWN}"}),
        answer(200, _audit_answer()),
    ) as api:
        file = support_bundle.write(api.url, KNOWN, folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_planted_secret_is_in_any_part(state: State, tmp_path: Path) -> None:
    parts = _bundle(state, tmp_path / "out")

    secrets = state.secrets()
    kept = (secrets.jwt_secret, secrets.app_password, secrets.encryption_master_key, secrets.webhook_secret)
    found = {
        (name, secret): traces
        for name, text in parts.items()
        for secret in (*PLANTED, *kept)
        if (traces := traces_of(secret, text))
    }
    assert found == {}
    assert PERSON not in "".join(parts.values())


def test_the_planted_secrets_would_be_found(state: State) -> None:
    """The control: what is looked for was there."""
    log = (state.logs / "MessagesDeliver.log").read_text() + json.dumps(_audit_answer())

    assert [secret for secret in PLANTED if not traces_of(secret, log)] == []


def test_what_helps_is_in_it_and_readable(state: State, tmp_path: Path) -> None:
    parts = _bundle(state, tmp_path / "out")

    assert {
        "about.txt",
        "doctor.txt",
        "diagnosis.json",
        "logs/MessagesDeliver.log",
        *support_bundle.ASKED,
    } == set(parts)
    read = {name: json.loads(text) for name, text in parts.items() if name.endswith(".json")}
    assert read["health.json"]["answer"]["data"]["database"] == "ok"
    assert read["notifications.json"]["status"] == 503
    assert read["mailboxes.json"]["answer"]["data"] == [
        {"email": "a***@example.org", "imap_host": "imap.zoho.com"}
    ]
    assert read["audit.json"]["answer"]["data"][0]["id"] == HARMLESS
    assert "exotel_invalid_credentials" in parts["doctor.txt"]
    assert "copy it again" in parts["doctor.txt"]
    assert HARMLESS in parts["logs/MessagesDeliver.log"]
    assert json.loads(parts["logs/MessagesDeliver.log"].splitlines()[6])["message"] == "seen"


def test_where_nothing_answers_the_bundle_says_so_and_has_the_rest(tmp_path: Path) -> None:
    from tests.support.servers.tcp_server import refused_port

    file = support_bundle.write(f"http://127.0.0.1:{refused_port()}", None, tmp_path)

    with zipfile.ZipFile(file) as archive:
        assert "api_unreachable" in archive.read("doctor.txt").decode()
        assert "Connection refused" in archive.read("status.json").decode()
        assert "CloudWatch" in archive.read("logs/README.txt").decode()
