"""How a receiver of callbacks starts on Lambda: it prepares all that the first callback needs.

Each test runs a receiver in a fresh process, as Lambda does, before a queue service that records what it is asked.
"""

import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from banxway.security.references import CallbackKind, CallbackReferences
from tests.support.gates.tree import LAYER, ROOT
from tests.support.product.app import WEBHOOK_SECRET
from tests.support.product.events import http_event
from tests.support.product.stories import incoming, whatsapp_body
from tests.support.servers.scripted_http import Reply, Request, ScriptedHttp, answer
from tests.support.timing.clocks import WrongClock

FOLDERS = {
    CallbackKind.WHATSAPP: "exotel_whatsapp_status",
    CallbackKind.CALL_STATUS: "exotel_call_status",
}
RECEIVE = """
import json, sys
import app

prepared = set(sys.modules)

class Context:
    function_name, aws_request_id = "receiver", "1"

answer = app.handler(json.loads(sys.stdin.read()), Context())
later = sorted(set(sys.modules) - prepared)
print(json.dumps({"status": answer["statusCode"], "prepared": sorted(prepared), "later": later}))
"""


@pytest.fixture
def sqs():
    with ScriptedHttp(_taken) as server:
        yield server


def _taken(request: Request) -> Reply:
    digest = hashlib.md5(request.json["MessageBody"].encode()).hexdigest()
    return answer(200, {"MessageId": "1", "MD5OfMessageBody": digest})


def receive(kind: CallbackKind, url: str, **settings: str) -> dict:
    """Start a receiver, give it one genuine callback, and return its answer and what it had imported by then."""
    maker = CallbackReferences(WEBHOOK_SECRET, clock=WrongClock(timedelta(0)))
    hour = timedelta(hours=1)
    reference = maker.for_unit(kind, organization_id=uuid4(), unit_id=uuid4(), expires_in=hour)
    folder = ROOT / "functions/webhooks" / FOLDERS[kind]
    event = http_event(
        "POST",
        f"/api/v1/webhooks/{folder.name}",
        query={"reference": reference},
        headers={"content-type": "application/json"},
        body=json.dumps(whatsapp_body(incoming("Hello"))),
    )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, (folder, LAYER, ROOT))),
        "AWS_REGION": "ap-south-1",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL_SQS": url,
        "WEBHOOK_QUEUE_URL": f"{url}/012345678912/WebhookQueue",
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "ENVIRONMENT": "local",
        **settings,
    }
    return _run(folder, environment, event)


def _run(folder: Path, environment: dict[str, str], event: dict) -> dict:
    found = subprocess.run(
        [sys.executable, "-c", RECEIVE],
        cwd=folder,
        env={name: value for name, value in environment.items() if value},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_first_callback_imports_nothing(sqs, kind):
    received = receive(kind, sqs.url, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")

    assert received["status"] == 200
    assert received["later"] == []
    assert len(sqs.requests) == 1


def test_the_start_prepares_what_a_receiver_needs_and_no_more(sqs):
    received = receive(CallbackKind.WHATSAPP, sqs.url, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")

    assert {"botocore.client", "aws_lambda_powertools"} <= set(received["prepared"])
    assert not {"psycopg", "pydantic", "jwt", "boto3", "requests"} & set(received["prepared"])


def test_elsewhere_importing_a_receiver_prepares_nothing(sqs):
    received = receive(CallbackKind.WHATSAPP, sqs.url)

    assert received["status"] == 200
    assert "botocore" not in received["prepared"]


@pytest.mark.parametrize("missing", ["WEBHOOK_SECRET", "WEBHOOK_QUEUE_URL", "AWS_REGION"])
def test_a_receiver_that_cannot_be_prepared_still_answers(sqs, missing):
    """A function that does not start answers nothing; an answer other than 200 makes the provider deliver again."""
    absent = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""} if missing == "AWS_REGION" else {missing: ""}
    received = receive(CallbackKind.WHATSAPP, sqs.url, AWS_LAMBDA_INITIALIZATION_TYPE="on-demand", **absent)

    assert received["status"] >= 500
    assert sqs.requests == []
