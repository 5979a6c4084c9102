"""What tests need to talk to the sandbox: its control API, Exotel as a client sees it, and a callback listener."""

import base64
import imaplib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from local.sandbox import Sandbox
from tests.support.timing.waiting import PATIENCE_S

SUPPORT = ("support@banxway.local", "sandboxsupport")
SALES = ("sales@other.local", "sandboxsales")


class SandboxClient:
    """The demo account's view of the sandbox, and its control API."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.account = sandbox.exotel_accounts[0]
        self.session = requests.Session()
        self.session.trust_env = False

    def exotel(self, method: str, path: str, *, auth: tuple[str, str] | None = None, **options: Any) -> Any:
        path = path.replace("{sid}", self.account["account_sid"])
        credentials = auth or (self.account["api_key"], self.account["api_token"])
        options.setdefault("timeout", PATIENCE_S)
        return self.session.request(
            method, self.sandbox.exotel_url + path, auth=credentials, allow_redirects=False, **options
        )

    def send(self, *messages: dict[str, Any], **options: Any) -> Any:
        root = {"whatsapp": {"messages": list(messages)}}
        return self.exotel("POST", "/v2/accounts/{sid}/messages", json=root, **options)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(
            method, f"{self.sandbox.exotel_url}/_sandbox{path}", json=body, timeout=PATIENCE_S
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def text_message(self, to: str = "+919822200022", **values: Any) -> dict[str, Any]:
        content = {"type": "text", "text": {"body": "Hello Asha"}}
        return {"from": self.account["whatsapp_number"], "to": to, "content": content, **values}

    def template_message(
        self, *, name: str = "shipping_update", words: int = 3, **values: Any
    ) -> dict[str, Any]:
        parameters = [{"type": "text", "text": str(number)} for number in range(words)]
        template = {
            "name": name,
            "language": {"policy": "deterministic", "code": "en"},
            "components": [{"type": "body", "parameters": parameters}],
        }
        return self.text_message(content={"type": "template", "template": template}, **values)


class CallbackListener:
    """Receives callbacks; `answers` are the statuses of the next answers, then 200."""

    def __init__(self) -> None:
        listener = self
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []
        self.answers: list[int] = []

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.take(body, dict(self.headers))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callbacks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        self.raw.append(body)
        self.headers.append(headers)
        self.bodies.append(json.loads(body))

    def items(self) -> list[dict[str, Any]]:
        return [item for body in self.bodies for item in body["whatsapp"]["messages"]]

    def codes(self) -> list[int]:
        return [item["exo_status_code"] for item in self.items() if item["callback_type"] == "dlr"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def put_mail(client: SandboxClient, raw: bytes, *, to: str = SUPPORT[0]) -> int:
    """Put a mail into a mailbox by the control API and return its UID."""
    body = {"to": to, "raw_base64": base64.b64encode(raw).decode()}
    return int(client.control("POST", "/mail", body)["uid"])


def connect_imap(running: Sandbox, trusted: ssl.SSLContext) -> imaplib.IMAP4_SSL:
    """Return a connection that is not logged in."""
    return imaplib.IMAP4_SSL(running.imap.host, running.imap.port, ssl_context=trusted, timeout=PATIENCE_S)


def ask_imap(imap: imaplib.IMAP4_SSL, line: bytes) -> list[bytes]:
    """Send one raw command and return the lines up to its tagged answer, literals as they come."""
    imap.send(b"T1 " + line + b"\r\n")
    lines: list[bytes] = []
    while not lines or not lines[-1].startswith(b"T1 "):
        lines.append(imap.readline().rstrip(b"\r\n"))
    return lines
