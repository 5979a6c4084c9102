"""`make publish-console`: puts the built console into its bucket; no page, new or open, lacks a file meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from local.operators.deployment import NotPossible
from local.operators.publish_console import DEPLOYED, Stack, configured, find_stack, publish
from tests.support.product.moto_aws import bucket, shared_client

POOL = {
    "SignInIssuer": "https://cognito-idp.ap-south-1.amazonaws.com/pool",
    "SignInClientId": "client",
    "SignInDomain": "https://banxway.auth.ap-south-1.amazoncognito.com",
}


@pytest.fixture
def s3() -> Any:
    return shared_client("s3")


@pytest.fixture
def outputs() -> Iterator[dict[str, str]]:
    with bucket() as name:
        yield {
            "ConsoleBucketName": name,
            "ConsoleUrl": "https://d1.cloudfront.net",
            "ConsoleOrigin": "https://d1.cloudfront.net",
            "EnvironmentName": "production",
            **POOL,
        }


def _build(folder: Path, *hashed: str) -> Path:
    """Write a console as Vite builds one: the page names its script."""
    for name in (*(f"assets/{each}" for each in hashed), "index.html", "favicon.svg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name} beside {', '.join(hashed)}")
    return folder


def _names(s3: Any, outputs: dict[str, str]) -> set[str]:
    found = s3.list_objects_v2(Bucket=outputs["ConsoleBucketName"]).get("Contents", [])
    return {each["Key"] for each in found}


def _head(s3: Any, outputs: dict[str, str], name: str) -> tuple[str, str]:
    answer = s3.head_object(Bucket=outputs["ConsoleBucketName"], Key=name)
    return answer["CacheControl"], answer["ContentType"]


def _text(s3: Any, outputs: dict[str, str], name: str) -> str:
    return s3.get_object(Bucket=outputs["ConsoleBucketName"], Key=name)["Body"].read().decode()


def test_files_named_by_their_content_are_kept_for_ever_and_the_page_is_asked_for_each_time(
    s3: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    said = publish(_build(tmp_path, "index-1.js", "index-1.css", "flag-1.woff2"), Stack(outputs), s3)

    for_ever = "public, max-age=31536000, immutable"
    assert _head(s3, outputs, "assets/index-1.js") == (for_ever, "text/javascript; charset=utf-8")
    assert _head(s3, outputs, "assets/index-1.css") == (for_ever, "text/css; charset=utf-8")
    assert _head(s3, outputs, "assets/flag-1.woff2") == (for_ever, "font/woff2")
    assert _head(s3, outputs, "index.html") == ("no-cache", "text/html; charset=utf-8")
    assert _head(s3, outputs, "config.json") == ("no-cache", "application/json; charset=utf-8")
    assert _head(s3, outputs, "favicon.svg") == ("no-cache", "image/svg+xml; charset=utf-8")
    assert said == [
        "uploaded 5 files, and deleted 0 that no open page needs",
        "The console is at https://d1.cloudfront.net",
    ]


def test_the_configuration_is_what_the_stacks_outputs_say(
    s3: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    publish(_build(tmp_path), Stack(outputs), s3)

    assert json.loads(_text(s3, outputs, "config.json")) == {
        "environment": "production",
        "sandbox": False,
        "sign_in": {
            "issuer": POOL["SignInIssuer"],
            "client_id": "client",
            "scope": "openid email phone profile",
        },
    }


def test_another_sign_in_service_is_asked_for_no_scope_that_it_may_not_know(outputs: dict[str, str]) -> None:
    del outputs["SignInDomain"]

    assert Stack(outputs).configuration()["sign_in"]["scope"] == "openid email profile"


def test_the_page_is_uploaded_after_every_file_that_it_needs(
    s3: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    """An upload that breaks off leaves the former page, complete."""
    publish(_build(tmp_path / "former", "index-1.js"), Stack(outputs), s3)
    broken = _Breaking(s3, at="config.json")

    with pytest.raises(ConnectionError):
        publish(_build(tmp_path / "new", "index-2.js"), Stack(outputs), broken)

    assert _text(s3, outputs, "index.html") == "index.html beside index-1.js"
    assert "assets/index-1.js" in _names(s3, outputs)


def test_an_open_page_finds_its_files_after_the_next_deployment_and_not_for_ever(
    s3: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    for number in (1, 2):
        publish(_build(tmp_path / str(number), f"index-{number}.js"), Stack(outputs), s3)
    assert {"assets/index-1.js", "assets/index-2.js"} <= _names(s3, outputs)

    said = publish(_build(tmp_path / "3", "index-3.js"), Stack(outputs), s3)

    assert said[0] == "uploaded 3 files, and deleted 1 that no open page needs"
    assert _names(s3, outputs) == {
        *("index.html", "favicon.svg", "config.json", DEPLOYED),
        *("assets/index-2.js", "assets/index-3.js"),
    }


def test_the_same_build_once_more_takes_nothing_from_an_open_page(
    s3: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    publish(_build(tmp_path / "1", "index-1.js"), Stack(outputs), s3)
    second = _build(tmp_path / "2", "index-2.js")

    for _ in range(3):
        publish(second, Stack(outputs), s3)

    assert {"assets/index-1.js", "assets/index-2.js"} <= _names(s3, outputs)


def test_nothing_is_uploaded_that_was_not_built(s3: Any, outputs: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="build the console first"):
        publish(tmp_path, Stack(outputs), s3)

    assert _names(s3, outputs) == set()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"ConsoleOrigin": "https://console.example.com"},
            "Deploy again with ConsoleOrigin=https://d1.cloudfront.net: until then nobody can sign in there",
        ),
        (
            {"SignInIssuer": None},
            "Deploy again with JwtIssuer or CreateUserPool=true: "
            "the console does not know who signs people in",
        ),
        (
            {"ConsoleOrigin": "https://desk.asha.example"},
            "Its domain must be a CNAME or alias of d1.cloudfront.net",
        ),
    ],
    ids=["origin", "sign-in", "domain"],
)
def test_what_is_missing_before_anybody_can_sign_in_is_said(
    outputs: dict[str, str], changed: dict[str, str | None], sentence: str
) -> None:
    found = {name: value for name, value in (outputs | changed).items() if value is not None}

    assert Stack(found).advice()[-1] == sentence


def test_a_stack_from_before_the_console_is_named_as_such(outputs: dict[str, str]) -> None:
    del outputs["ConsoleBucketName"]

    with pytest.raises(NotPossible, match="no bucket for the console"):
        Stack(outputs).bucket  # noqa: B018


def test_a_stack_that_is_not_there_is_named() -> None:
    """As CloudFormation answers: a ValidationError, and not a kind of its own."""
    client = boto3.client(
        "cloudformation", region_name="ap-south-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as answers:
        answers.add_client_error("describe_stacks", "ValidationError", "Stack with id nowhere does not exist")

        with pytest.raises(NotPossible, match=r"The stack nowhere cannot be read: .*nowhere does not exist"):
            find_stack("nowhere", client)


def test_the_stack_is_the_one_that_a_guided_deployment_has_written_down() -> None:
    written = '[default.deploy.parameters]\nstack_name = "mine"\nregion = "eu-west-1"\n'

    assert configured('[default.global.parameters]\nstack_name = "banxway"\n') == ("banxway", None)
    assert configured('[default.global.parameters]\nstack_name = "banxway"\n' + written) == (
        "mine",
        "eu-west-1",
    )


class _Breaking:
    """A client of S3 whose connection breaks before one file is stored."""

    def __init__(self, s3: Any, *, at: str) -> None:
        self._s3 = s3
        self._at = at

    def put_object(self, *, Key: str, **rest: Any) -> None:  # noqa: N803  # boto3's own name
        if Key == self._at:
            raise ConnectionError
        self._s3.put_object(Key=Key, **rest)
