"""A tiny bundle of its own for tests of the runner: they do not depend on the product."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.runner import Runner, start_runner

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  DatabaseUrl: {Type: String}
  ConsoleOrigin: {Type: String}
Globals:
  Function:
    Handler: app.handler
    Timeout: 20
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
    Properties:
      VisibilityTimeout: 2
      RedrivePolicy: {deadLetterTargetArn: !GetAtt WorkDeadLetters.Arn, maxReceiveCount: 3}
  WorkDeadLetters: {Type: AWS::SQS::Queue}
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
      Timeout: 2
      Events:
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/act/{what}"}}
  Worker: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/worker/}}
  WorkerSource:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Worker
      EventSourceArn: !GetAtt Work.Arn
      BatchSize: 10
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
    "act": """
import os, signal, sys, time

def handler(event, context):
    what = event["pathParameters"]["what"]
    if what == "raise":
        raise ValueError("on purpose")
    if what == "exit":
        os._exit(3)
    if what == "sleep":
        time.sleep(1)
    if what == "overrun":
        time.sleep(10)
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


@pytest.fixture(scope="session")
def tiny_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle's template, its functions beside it."""
    return write_bundle(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory, tiny_template: Path) -> Iterator[Runner]:
    """One runner of the tiny bundle for all tests that only look at it."""
    with start_runner(tmp_path_factory.mktemp("state"), template=tiny_template, sandbox=False) as started:
        yield started
