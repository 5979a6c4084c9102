"""make publish-console: upload the console that `make build` built to the bucket of a deployed stack.

The stack and its region are those of samconfig.toml; STACK and AWS_REGION name others. A page that somebody has open
finds the files of its own build and of the one before; older ones are deleted.
"""

import argparse
import json
import mimetypes
import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.function_files import ROOT
from local.gateway.console import ASSETS, EACH_TIME, FOR_EVER
from local.operators.deployment import NotPossible

PAGE = "index.html"
CONFIGURATION = "config.json"
DEPLOYED = "deployed-files"
"""The list of the last build's files. Its name has no dot, so that the distribution never serves it."""

UNSET_ORIGIN = "https://console.example.com"
_SCOPE = "openid email profile"
_POOLS_SCOPE = "openid email phone profile"


@dataclass(frozen=True)
class Stack:
    """A deployed stack as its outputs describe it."""

    outputs: Mapping[str, str]

    @property
    def bucket(self) -> str:
        """Return the name of the console's bucket. Raises NotPossible if the stack has none."""
        if "ConsoleBucketName" not in self.outputs:
            raise NotPossible("This stack has no bucket for the console: deploy it again (make deploy)")
        return self.outputs["ConsoleBucketName"]

    def configuration(self) -> dict[str, Any]:
        """Return what the console must know of its deployment."""
        return {
            "environment": self.outputs["EnvironmentName"],
            "sandbox": False,
            "sign_in": self._sign_in() if "SignInIssuer" in self.outputs else None,
        }

    def _sign_in(self) -> dict[str, str]:
        return {
            "issuer": self.outputs["SignInIssuer"],
            "client_id": self.outputs["SignInClientId"],
            # Only the stack's own pool is known to have telephones; another service might refuse the scope.
            "scope": _POOLS_SCOPE if "SignInDomain" in self.outputs else _SCOPE,
        }

    def advice(self) -> list[str]:
        """Return where the console is, and what must be done before anybody can sign in."""
        origin, address = self.outputs["ConsoleOrigin"], self.outputs["ConsoleUrl"]
        if origin == UNSET_ORIGIN:
            return [f"Deploy again with ConsoleOrigin={address}: until then nobody can sign in there"]
        if "SignInIssuer" not in self.outputs:
            return [
                "Deploy again with JwtIssuer or CreateUserPool=true: the console does not know who signs people in"
            ]
        host = address.removeprefix("https://")
        own = [] if origin == address else [f"Its domain must be a CNAME or alias of {host}"]
        return [f"The console is at {origin}", *own]


def publish(built: Path, stack: Stack, s3: Any) -> list[str]:
    """Upload a built console, its page last, and return what was done in sentences.

    An upload that breaks off leaves the former page, and every file that it needs.
    """
    files = sorted(str(file.relative_to(built)) for file in built.rglob("*") if file.is_file())
    if PAGE not in files:
        raise NotPossible(f"{built} has no {PAGE}: build the console first (make build)")
    for name in (each for each in files if each != PAGE):
        _put(s3, stack.bucket, name, (built / name).read_bytes())
    _put(s3, stack.bucket, CONFIGURATION, json.dumps(stack.configuration()).encode())
    _put(s3, stack.bucket, PAGE, (built / PAGE).read_bytes())
    deleted = _forget_old_files(s3, stack.bucket, files)
    return [f"uploaded {len(files)} files, and deleted {deleted} that no open page needs", *stack.advice()]


def _put(s3: Any, bucket: str, name: str, content: bytes) -> None:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
    s3.put_object(
        Bucket=bucket,
        Key=name,
        Body=content,
        ContentType=f"{kind}; charset=utf-8" if is_text else kind,
        CacheControl=FOR_EVER if name.startswith(ASSETS) else EACH_TIME,
    )


def _forget_old_files(s3: Any, bucket: str, files: list[str]) -> int:
    """Delete what belongs neither to this build nor to the one before, and return how many files that were."""
    former = _former_files(s3, bucket)
    if former == files:
        return 0  # the same build once more: the list of the one before is not known any longer
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=ASSETS)
    found = [each["Key"] for page in pages for each in page.get("Contents", [])]
    old = [name for name in found if name not in {*files, *former}] if former else []
    for name in old:
        s3.delete_object(Bucket=bucket, Key=name)
    s3.put_object(Bucket=bucket, Key=DEPLOYED, Body=json.dumps(files).encode())
    return len(old)


def _former_files(s3: Any, bucket: str) -> list[str]:
    try:
        answer = s3.get_object(Bucket=bucket, Key=DEPLOYED)
    except s3.exceptions.NoSuchKey:
        return []
    found: list[str] = json.loads(answer["Body"].read())
    return found


def configured(text: str) -> tuple[str | None, str | None]:
    """Return the names of the stack and its region in a samconfig.toml; a guided deployment writes both."""
    default = tomllib.loads(text).get("default", {})
    parts = [default.get(command, {}).get("parameters", {}) for command in ("deploy", "global")]
    names = ("stack_name", "region")
    stack, region = (next((part[name] for part in parts if name in part), None) for name in names)
    return stack, region


def find_stack(name: str, cloudformation: Any) -> Stack:
    """Return a deployed stack. Raises NotPossible with what is wrong."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except (BotoCoreError, ClientError) as error:
        raise NotPossible(f"The stack {name} cannot be read: {error}") from error
    return Stack({each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])})


def main(arguments: list[str] | None = None) -> int:
    """Upload the console, print what was done, and return the exit code."""
    parser = argparse.ArgumentParser(prog="make publish-console", description=__doc__)
    parser.add_argument("--stack", default="", help="the stack; samconfig.toml's if none is given")
    given = parser.parse_args(arguments)
    stack, region = configured((ROOT / "samconfig.toml").read_text())
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = boto3.Session(region_name=os.environ.get("AWS_REGION") or region)
        found = find_stack(given.stack or str(stack), session.client("cloudformation"))
        print("\n".join(publish(ROOT / "console" / "dist" / "production", found, session.client("s3"))))
    except (NotPossible, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
