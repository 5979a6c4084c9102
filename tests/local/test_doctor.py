"""The doctor, asking the product over HTTP: what it concludes when the API cannot speak for itself."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from local import doctor
from tests.support.databases.postgres import Organization, PostgresServer, TestDatabase
from tests.support.product.app import Bundle, bundle_of, token
from tests.support.servers.scripted_http import ScriptedHttp, answer
from tests.support.servers.tcp_server import refused_port

HEALTHY = {
    "healthy": True,
    "findings": [],
    "checks": [{"name": "smtp", "subject": "a@b.example", "ok": True}],
}


class Served:
    """One bundle behind a port."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._twins: list[Bundle] = []
        served = self
        alone = threading.Lock()

        class Gateway(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                names = ("authorization",) if "authorization" in self.headers else ()
                given = {name: self.headers[name] for name in names}
                with alone:
                    reply = served.bundle.request("GET", self.path, headers=given)
                body = reply.text.encode()
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_error(404)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def become(self, **changes: Any) -> None:
        """Run the same deployment with other settings."""
        self.bundle = self.bundle.twin(**changes)
        self._twins.append(self.bundle)

    def close(self) -> None:
        for twin in self._twins:
            if twin.settings.database_url:
                twin.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def served(test_database: TestDatabase, tmp_path: Path) -> Iterator[Served]:
    with (
        ScriptedHttp(answer(200, {"data": {"migrations_expected": 1}})) as public,
        bundle_of(test_database, tmp_path, allow_private_hosts=True, webhook_base_url=public.url) as bundle,
    ):
        serving = Served(bundle)
        yield serving
        serving.close()


@pytest.fixture
def organization(served: Served) -> Organization:
    return served.bundle.database.add_organization()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the doctor as `make doctor` does, and return its exit code and what it printed."""

    def run_it(url: str, session: str = "") -> tuple[int, str]:
        monkeypatch.setenv("BANXWAY_TOKEN", session)
        code = doctor.main(["--url", url])
        printed = "".join(capsys.readouterr())
        assert not session or session not in printed
        return code, printed

    return run_it


def first_code(printed: str) -> str:
    """Return the code of the only finding."""
    (line,) = [line for line in printed.splitlines() if line.startswith(("ERROR", "WARNING"))]
    return line.split()[1].rstrip(":")


def test_a_healthy_deployment_exits_with_0_and_says_so(run):
    healthy = answer(
        200, {"data": HEALTHY | {"database": "ok", "migrations_applied": 3, "migrations_expected": 3}}
    )
    with ScriptedHttp(healthy) as api:
        assert run(api.url, "a-session") == (
            0,
            "1 check, all good\nNothing is wrong.\n",
        )


def test_a_full_disk_is_one_finding(run):
    storage = "The disk is full: 3 MB are free, less than 20 MB"
    full = HEALTHY | {"database": "ok", "storage": storage, "reason": "storage_full"}
    with ScriptedHttp(
        answer(503, {"data": full | {"migrations_applied": 3, "migrations_expected": 3}})
    ) as api:
        code, printed = run(api.url, "a-session")

    assert (code, first_code(printed)) == (1, "blob_store_unreachable")
    assert "The disk is full: 3 MB are free" in printed


def test_the_number_of_checks_is_shown_with_those_that_failed():
    checks = [{"name": "smtp", "subject": f"{each}@b.example", "ok": each != "b"} for each in "abc"]

    printed = doctor.write({"healthy": False, "findings": [], "checks": checks})

    assert printed.startswith("3 checks, 1 failed: smtp b@b.example\n")
    assert doctor.write({**HEALTHY, "checks": checks[::2]}).startswith("2 checks, all good\n")


def test_notes_are_not_called_nothing():
    words = dict.fromkeys(("symptom", "evidence", "cause", "fix"), "…")
    note = {"severity": "note", "code": "waba", "subject": "x", "guide_issue": 3, **words}

    printed = doctor.write({"healthy": True, "findings": [note], "checks": []})

    assert printed.endswith("\nNothing is broken; the notes above name what is missing.")
    assert "Nothing is wrong" not in printed


def test_what_the_api_finds_is_printed_with_its_fix(served, organization, run):
    served.become(webhook_base_url=None)

    code, printed = run(served.url, token(organization.manager))

    assert code == 1
    assert "ERROR  webhook_url_missing: WEBHOOK_BASE_URL, issue 8" in printed
    assert "fix       Set WEBHOOK_BASE_URL to the public https address of this API" in printed


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"lifetime_s": -120}, "session_expired"),
        ({"secret": "the secret of another environment, long enough"}, "token_wrong_environment"),
        ({"iss": "https://staging.test"}, "token_wrong_environment"),
        ({"aud": "somebody-else"}, "token_wrong_environment"),
    ],
    ids=["expired", "another secret", "another issuer", "another audience"],
)
def test_a_refused_session_is_explained_by_its_reason(served, organization, run, claims, expected):
    code, printed = run(served.url, token(organization.admin, **claims))

    assert (code, first_code(printed)) == (1, expected)


def test_an_unknown_user_is_distinguished_from_a_bad_token(served, run):
    stranger = token("00000000-0000-4000-8000-00000000dead")

    assert first_code(run(served.url, stranger)[1]) == "address_not_proven"
    assert first_code(run(served.url, "not-a-token")[1]) == "token_unreadable"


def test_a_token_of_several_words_makes_a_bad_header(served, run):
    assert first_code(run(served.url, "Bearer twice")[1]) == "authorization_header"


def test_without_a_token_and_without_a_local_runner_it_asks_for_one(served, run):
    code, printed = run(served.url)

    assert (code, first_code(printed)) == (1, "authorization_header")
    assert "make doctor TOKEN=" in printed


def test_an_agent_lacks_the_role(served, organization, run):
    code, printed = run(served.url, token(organization.agent))

    assert (code, first_code(printed)) == (1, "role_missing")
    assert "User does not have manager role" in printed


def test_a_missing_migration_is_reported_before_anything_else(served, organization, run):
    served.bundle.database.rows("DELETE FROM schema_migrations WHERE migration_name = '006_integrations.sql'")

    code, printed = run(served.url, token(organization.admin, lifetime_s=-120))

    assert (code, first_code(printed)) == (1, "migration_missing")


def test_a_database_without_any_table_wants_its_migrations(
    served, organization, run, postgres: PostgresServer
):
    with postgres.database(migrated=False) as empty:
        served.become(database_url=empty.app_url)

        code, printed = run(served.url, token(organization.admin))
        served.bundle.close()

    assert (code, first_code(printed)) == (1, "migration_missing")


@pytest.mark.parametrize("visitor", ["owner_url", "superuser_url"])
def test_a_role_that_row_level_security_does_not_bind_is_named(served, organization, run, visitor):
    served.become(database_url=getattr(served.bundle.database, visitor))

    code, printed = run(served.url, token(organization.admin))

    assert (code, first_code(printed)) == (1, "database_wrong_role")
    assert ":secret@" not in printed


@pytest.mark.parametrize(
    ("part", "instead", "expected"),
    [
        (":right@", ":s3cret@", "database_wrong_password"),
        ("guarded_", "unheard_of_", "database_sign_in_refused"),
        ("test_", "nowhere_", "database_not_found"),
        ("host=", "host=/nowhere", "database_unreachable"),
        ("?host=", "?hots=", "settings_incomplete"),
    ],
    ids=["password", "role", "name", "down", "no address"],
)
def test_what_is_wrong_with_the_databases_address_is_named(
    served, organization, run, postgres: PostgresServer, part, instead, expected
):
    role = f"guarded_{uuid4().hex[:8]}"
    postgres.demand_a_password(role, "right")
    right = served.bundle.database.app_url.replace("banxway_app:secret", f"{role}:right")
    served.become(database_url=right)
    assert "database_" not in run(served.url, token(organization.admin))[1]
    served.bundle.close()

    served.become(database_url=right.replace(part, instead))
    code, printed = run(served.url, token(organization.admin))

    assert (code, first_code(printed)) == (1, expected)
    assert ":right@" not in printed
    assert "s3cret" not in printed


def test_a_database_without_a_free_connection_is_named(run):
    sentence = "The database takes no more connections"
    health = {"database": sentence, "reason": "database_full", "migrations_applied": 0}
    with ScriptedHttp(answer(503, {"data": health | {"migrations_expected": 1}})) as api:
        code, printed = run(api.url, "a-session")

    assert (code, first_code(printed)) == (1, "database_full")


def test_a_missing_setting_is_reported_with_the_request_that_the_log_has(served, organization, run):
    served.become(database_url=None)

    code, printed = run(served.url, token(organization.admin))

    assert (code, first_code(printed)) == (1, "settings_incomplete")
    assert "Internal error (request " in printed


def test_an_api_that_does_not_answer_is_unreachable(run):
    code, printed = run(f"http://127.0.0.1:{refused_port()}", "a-session")

    assert (code, first_code(printed)) == (1, "api_unreachable")


def test_another_server_is_distinguished_from_ours_and_gets_no_token(run):
    with ScriptedHttp(answer(200, b"<h1>Welcome</h1>")) as stranger:
        code, printed = run(stranger.url, "a-session")

        assert (code, first_code(printed)) == (1, "api_not_ours")
        assert [request for request in stranger.requests if "authorization" in request.headers] == []


def test_a_redirect_is_not_followed_with_the_token(run):
    with (
        ScriptedHttp(answer(200, b"{}")) as elsewhere,
        ScriptedHttp(
            answer(200, {"data": {"database": "ok", "migrations_applied": 1, "migrations_expected": 1}}),
            answer(302, b"", Location=elsewhere.url),
        ) as api,
    ):
        code, printed = run(api.url, "a-session")

        assert (code, first_code(printed)) == (1, "diagnosis_failed")
        assert elsewhere.requests == []


def test_a_token_never_travels_in_the_clear(run):
    code, printed = run("http://api.example.com", "a-session")

    assert code == 2
    assert "https://" in printed
