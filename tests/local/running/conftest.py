"""A tiny bundle of its own for tests of the runner: they do not depend on the product.

The files of this folder share one running bundle, and so must not stop it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.running.runner import Runner, start_runner
from tests.support.timing.waiting import PATIENCE_S

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  DatabaseUrl: {Type: String}
  ConsoleOrigin: {Type: String}
Globals:
  Function:
    Handler: app.handler
    Timeout: 600
    Environment: {Variables: {DATABASE_URL: !Ref DatabaseUrl, QUEUE_URL: !Ref Work}}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [!Ref ConsoleOrigin], AllowMethods: [GET], AllowHeaders: [Authorization]}
  RealtimeApi:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: live
      Routes:
        $connect: {FunctionArn: !GetAtt Connect.Arn}
        $disconnect: {FunctionArn: !GetAtt Disconnect.Arn}
  Work:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: 3600}
  Again:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 0
      RedrivePolicy: {deadLetterTargetArn: !GetAtt AgainDeadLetters.Arn, maxReceiveCount: 3}
  AgainDeadLetters: {Type: AWS::SQS::Queue}
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/echo/
      Events:
        Health: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /health}}
        Echo: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/echo/{name}"}}
  Act:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/act/
      Events:
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/act/{what}"}}
  Changing:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/changing/
      Events:
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: /changing}}
  Worker: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/worker/}}
  WorkerSource:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Worker
      EventSourceArn: !GetAtt Work.Arn
      BatchSize: 10
      FunctionResponseTypes: [ReportBatchItemFailures]
      ScalingConfig: {MaximumConcurrency: 2}
  AgainSource:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Worker
      EventSourceArn: !GetAtt Again.Arn
      BatchSize: 1
      FunctionResponseTypes: [ReportBatchItemFailures]
      ScalingConfig: {MaximumConcurrency: 2}
  Tick:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/tick/
      Events:
        Tick: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute)}}
  Connect: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/connect/}}
  Disconnect: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/disconnect/}}
"""

_NOTE = '''
import json, pathlib
def note(what):
    """Append one line to the file that the test reads."""
    with (pathlib.Path(__file__).parent.parent / "notes.jsonl").open("a") as notes:
        notes.write(json.dumps(what) + chr(10))
'''

FUNCTIONS = {
    "echo": "def handler(event, context):\n    return event\n",
    "changing": "def handler(event, context):\n    return {'new': False}\n",
    "act": _NOTE
    + """
import os, threading

def handler(event, context):
    what = event["pathParameters"]["what"]
    if what == "raise":
        raise ValueError("on purpose")
    if what == "exit":
        os._exit(3)
    if what.startswith("wait-"):
        note({"waits": [what, os.getpid()]})
        gate = pathlib.Path(__file__).parent.parent / what
        while not gate.exists():
            threading.Event().wait(0.02)
    if what == "environment":
        return dict(os.environ)
    if what == "image":
        return {"statusCode": 201, "headers": {"Content-Type": "image/png", "X-Count": 2}, "cookies": ["a=1", "b=2"],
                "body": "iVBORw==", "isBase64Encoded": True}
    if what == "nonsense":
        return {"statusCode": "soon"}
    return {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": str(os.getpid())}
""",
    "worker": _NOTE
    + """
def handler(event, context):
    records = event["Records"]
    note({"batch": [[each["body"], each["attributes"]["ApproximateReceiveCount"]] for each in records]})
    if any(each["body"] == "raise" for each in records):
        raise ValueError("on purpose")
    failed = [each["messageId"] for each in records if each["body"].startswith("fail")]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
""",
    "tick": _NOTE
    + "\ndef handler(event, context):\n    note({'tick': event})\n    return {'ticked': True}\n",
    "connect": _NOTE
    + """
def handler(event, context):
    note({"connect": event})
    refused = (event.get("queryStringParameters") or {}).get("ticket") != "good"
    return {"statusCode": 401 if refused else 200}
""",
    "disconnect": _NOTE + "\ndef handler(event, context):\n    note({'disconnect': event})\n    return {}\n",
}


def write_bundle(folder: Path) -> Path:
    """Write the tiny bundle into a folder and return its template."""
    for name, source in FUNCTIONS.items():
        place = folder / "functions" / name
        place.mkdir(parents=True)
        (place / "app.py").write_text(source)
    template = folder / "template.yaml"
    template.write_text(TEMPLATE)
    return template


class Bundle:
    """The tiny bundle's folder: what its functions noted, and the gates at which they wait."""

    def __init__(self, folder: Path) -> None:
        self.template = write_bundle(folder)
        self.functions = folder / "functions"

    def notes(self, kind: str) -> list[Any]:
        """Return what functions noted of a kind, in order."""
        file = self.functions / "notes.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line[kind] for line in map(json.loads, lines) if kind in line]

    def waiting(self, what: str) -> list[int]:
        """Return the processes that have come to a gate."""
        return [pid for name, pid in self.notes("waits") if name == what]

    def open(self, what: str) -> None:
        """Let those who wait at a gate go on."""
        (self.functions / what).touch()


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The tiny bundle."""
    return Bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Iterator[Runner]:
    """One runner of the tiny bundle, started by a developer who has a secret."""
    with start_runner(
        tmp_path_factory.mktemp("state"),
        template=bundle.template,
        sandbox=False,
        environment={"SECRET_OF_THE_DEVELOPER": "x"},
    ) as started:
        yield started


@pytest.fixture
def client(runner: Runner) -> Iterator[httpx.Client]:
    """A client of its HTTP API."""
    with httpx.Client(base_url=runner.url, timeout=PATIENCE_S) as opened:
        yield opened
