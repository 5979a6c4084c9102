"""What template.yaml says there is: every route and every queue's consumer, with the handler behind it."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.intrinsics import read_yaml

Handler = Callable[[dict[str, Any], Any], Any]

_TEMPLATE = read_yaml(Path(__file__).parents[3] / "template.yaml")
_VARIABLE = re.compile(r"\{(\w+)\}")


def handler_of(folder: str) -> Handler:
    """Return the handler of a function by its folder, such as threads/get."""
    module = importlib.import_module(f"functions.{folder.replace('/', '.')}.app")
    handler: Handler = module.handler
    return handler


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API and the folder of the function that serves it."""

    method: str
    path: str
    folder: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def handler(self) -> Handler:
        return handler_of(self.folder)

    @property
    def endpoint(self) -> Any:
        """The arguments of @endpoint; None for a webhook."""
        return getattr(self.handler, "endpoint", None)

    @property
    def variables(self) -> list[str]:
        return _VARIABLE.findall(self.path)

    def match(self, path: str) -> dict[str, str] | None:
        found = re.fullmatch(_VARIABLE.sub(r"(?P<\1>[^/]+)", self.path), path)
        return found.groupdict() if found else None


def _functions() -> dict[str, dict[str, Any]]:
    resources = _TEMPLATE["Resources"].items()
    return {name: r["Properties"] for name, r in resources if r["Type"] == "AWS::Serverless::Function"}


def _folder(properties: dict[str, Any]) -> str:
    return str(properties["CodeUri"]).removeprefix("functions/").rstrip("/")


FOLDERS = tuple(_folder(properties) for properties in _functions().values())

ROUTES = tuple(
    Route(event["Properties"]["Method"], event["Properties"]["Path"], _folder(properties))
    for properties in _functions().values()
    for event in properties.get("Events", {}).values()
    if event["Type"] == "HttpApi"
)


def _queue(logical_id: str) -> str:
    """Return a queue's name by its logical id: dead_letter for DeadLetterQueue."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix("Queue")).lower()


CONSUMERS = {
    _queue(resource["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]): _folder(
        _functions()[resource["Properties"]["FunctionName"]["Ref"].removesuffix(".Alias")]
    )
    for resource in _TEMPLATE["Resources"].values()
    if resource["Type"] == "AWS::Lambda::EventSourceMapping"
}
"""The folder of the function that consumes each queue: webhook, message, mailbox, change."""


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route of a path and its variables; written-out segments win over variables, as on AWS."""
    found = [(route, route.match(path)) for route in ROUTES if route.method == method]
    fitting = [(route, variables) for route, variables in found if variables is not None]
    return min(fitting, key=lambda each: len(each[1]))
