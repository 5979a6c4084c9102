"""@deployment: the decorator that turns one plain function into a step of a deployment.

    @deployment
    def handler(app: App) -> dict[str, Any]: ...

    @deployment(takes=OrganizationToCreate)
    def handler(given: OrganizationToCreate, app: App) -> CreatedOrganization: ...

CloudFormation invokes it as a custom resource and waits for an answer at a URL; an operator or the local
runner invokes it with `{}`, or with what it takes, and reads the result. docs/decisions says why deployments
are a kind of their own.
"""

import functools
import json
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar, overload

from pydantic import BaseModel

from banxway.app import App as App
from banxway.app import current_app
from banxway.entrypoints.invocation import invocation
from banxway.entrypoints.reading import require_storable
from banxway.entrypoints.validating import validated
from banxway.log import get_logger

Given = TypeVar("Given", bound=BaseModel)
DeploymentHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


@overload
def deployment(function: Callable[[App], dict[str, Any]]) -> DeploymentHandler: ...
@overload
def deployment(*, takes: type[Given]) -> Callable[[Callable[[Given, App], BaseModel]], DeploymentHandler]: ...
def deployment(
    function: Callable[[App], dict[str, Any]] | None = None, *, takes: type[BaseModel] | None = None
) -> Any:
    """Run once per deployment, or when a person invokes it.

    Without arguments the function is called as `function(app)`; a failure fails the deployment, with its sentence as
    the reason. With `takes` it is called as `function(given, app)`, only by a person, whose event is validated as
    that model; its result is a model, too. Raises ValidationFailed for an event that is not one.
    """
    if takes is not None:
        return functools.partial(_by_hand, takes)
    if function is None:
        raise TypeError("@deployment is used without parentheses, or names what it takes")
    return _of_a_deployment(function)


def _of_a_deployment(function: Callable[[App], dict[str, Any]]) -> DeploymentHandler:
    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        app = current_app()
        with invocation(app, context, "deployment"):
            if "ResponseURL" not in event:
                return function(app)
            return _serve_cloudformation(function, app, event, context)

    handler.deployment = True  # type: ignore[attr-defined]  # read by the tests
    return handler


def _by_hand(takes: type[BaseModel], function: Callable[[Any, App], BaseModel]) -> DeploymentHandler:
    @functools.wraps(function)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        app = current_app()
        with invocation(app, context, "deployment"):
            require_storable(event)
            result: dict[str, Any] = function(validated(takes, event), app).model_dump(mode="json")
            return result

    handler.deployment = True  # type: ignore[attr-defined]  # read by the tests
    return handler


def _serve_cloudformation(
    function: Callable[[App], dict[str, Any]], app: App, event: dict[str, Any], context: Any
) -> dict[str, Any]:
    """Answer CloudFormation in every case: a custom resource that does not answer blocks the stack for an hour."""
    status, reason, result = "SUCCESS", "", {}
    try:
        # Deleting the stack does not change the data.
        result = {} if event["RequestType"] == "Delete" else function(app)
    except Exception as error:  # noqa: BLE001 -- the reason belongs into the stack's events
        get_logger().exception("deployment step failed")
        status, reason = "FAILED", f"{type(error).__name__}: {error}"[:500]
    answer = {
        "Status": status,
        "Reason": reason or f"See log stream {context.log_stream_name}",
        "PhysicalResourceId": event.get("PhysicalResourceId", "banxway-migration"),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310 -- CloudFormation's own presigned URL
        event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310 -- the same
        return result
