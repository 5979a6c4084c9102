"""A deployment is what it says: each function runs the newest layer, code and settings, receivers included.

The template is expanded as SAM would deploy it, twice, with one input changed. A published version keeps what it was
published with, so there is none: what is called is always the function itself.
"""

from collections.abc import Callable
from typing import Any

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import deployed, expand, expanded, folder_of, of, template

FROZEN = {"AWS::Lambda::Version", "AWS::Lambda::Alias"}
OF_ALIASES = {"AutoPublishAlias", "DeploymentPreference", "ProvisionedConcurrencyConfig", "SnapStart"}
RECEIVERS = {"WebhooksExotelCallStatus", "WebhooksExotelWhatsappStatus"}

Values = dict[str, str]


@rule
def test_nothing_is_frozen_in_a_version() -> Sentences:
    """SAM publishes a version only when a function's own folder changes: a new layer would never be run."""
    for name, resource in expanded()["Resources"].items():
        if resource["Type"] in FROZEN:
            yield f"{name} is {resource['Type']}: it keeps the layer and settings with which it was published"
        for each in sorted(OF_ALIASES & set(resource.get("Properties", {}))):
            yield f"{name} has {each}"


@rule
def test_a_new_layer_reaches_every_function() -> Sentences:
    """All of the product's code is in it."""
    changed = _changed(expand(template(), changed="layers/banxway/"), {})
    yield from _unchanged(changed, "when the product's layer changes")


@rule
def test_new_packages_reach_every_function() -> Sentences:
    changed = _changed(expand(template(), changed="layers/dependencies/"), {})
    yield from _unchanged(changed, "when the packages' layer changes")


@rule
def test_a_function_of_new_code_runs_it_and_no_other_changes() -> Sentences:
    for name, properties in of("Serverless::Function").items():
        if name in RECEIVERS or folder_of(properties) == "threads/list":
            changed = _changed(expand(template(), changed=properties["CodeUri"]), {})
            if changed != {name}:
                yield f"a new {properties['CodeUri']} changes {sorted(changed)}, and should change {name}"


@rule
def test_a_new_value_of_a_parameter_reaches_every_function_that_is_given_it() -> Sentences:
    """A rotated secret, above all: one side would sign with the new one, and the other verify with the old."""
    for parameter in template().get("Parameters", {}):
        given = {name for name in of("Serverless::Function") if _refers_to(_settings(name), parameter)}
        changed = _changed(expanded(), {parameter: "another value"})
        for name in sorted(given - changed):
            yield f"{name} does not get a new {parameter}"
        if parameter in ("WebhookSecret", "ExotelSignatureSecret") and not given >= RECEIVERS:
            yield f"{parameter} is not given to every receiver of callbacks"


@rule
def test_whatever_calls_a_function_calls_the_function_itself() -> Sentences:
    """A route, queue or schedule that named a version would call the code of that day."""
    functions = {name for name, each in expanded()["Resources"].items() if _is_function(each)}
    for name, where, called in _calls():
        if called not in functions:
            yield f"{where} of {name} calls {called}, which is no function"


def _runs(stack: dict[str, Any], values: Values) -> dict[str, str]:
    """Return what each function runs: its code, its layers and its settings with these values of parameters."""
    return {
        name: str(
            _resolved([each["Properties"].get(key) for key in ("Code", "Layers", "Environment")], values)
        )
        for name, each in stack["Resources"].items()
        if _is_function(each)
    }


def _changed(stack: dict[str, Any], values: Values) -> set[str]:
    """Return the functions that run something else than in the template as it is."""
    before, after = _runs(expanded(), {}), _runs(stack, values)
    return {name for name in before if before[name] != after.get(name)}


def _resolved(node: Any, values: Values) -> Any:
    """Put values in the place of references to parameters; everything else stays a reference to its resource."""
    if isinstance(node, list):
        return [_resolved(each, values) for each in node]
    if isinstance(node, dict):
        if node.keys() == {"Ref"} and node["Ref"] in values:
            return values[node["Ref"]]
        return {key: _resolved(each, values) for key, each in node.items()}
    return node


def _unchanged(changed: set[str], when: str) -> Sentences:
    for name in sorted(set(of("Serverless::Function")) - changed):
        yield f"{name} still runs the former one {when}"


def _settings(name: str) -> Any:
    shared = template().get("Globals", {}).get("Function", {}).get("Environment")
    return [shared, deployed()[name].get("Environment")]


def _refers_to(node: Any, parameter: str) -> bool:
    return f"{{'Ref': '{parameter}'}}" in str(node)


def _is_function(resource: dict[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Lambda::Function")


def _calls() -> list[tuple[str, str, str]]:
    """Return what calls functions: each resource with the property that names what it calls."""
    named_by: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
        "AWS::Lambda::Permission": ("FunctionName", lambda each: each["FunctionName"]),
        "AWS::Lambda::EventSourceMapping": ("FunctionName", lambda each: each["FunctionName"]),
        "AWS::Scheduler::Schedule": ("Target", lambda each: each["Target"]["Arn"]),
        "Custom::Migration": ("ServiceToken", lambda each: each["ServiceToken"]),
        "AWS::ApiGatewayV2::Integration": ("IntegrationUri", lambda each: each["IntegrationUri"]),
    }
    found = []
    for name, resource in expanded()["Resources"].items():
        if resource["Type"] in named_by:
            where, reads = named_by[resource["Type"]]
            found.append((name, where, _called(reads(resource["Properties"]))))
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in resource["Properties"]:
            paths = resource["Properties"]["Body"]["paths"]
            found += [(f"{method} {path}", "route", _called(uri)) for path, method, uri in _routes(paths)]
    return found


def _routes(paths: dict[str, Any]) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation["x-amazon-apigateway-integration"]["uri"])
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "x-amazon-apigateway-integration" in operation
    ]


def _called(value: Any) -> str:
    """Return the logical id of what a reference, an ARN or an integration's address names."""
    if "Fn::GetAtt" in value:
        return str(value["Fn::GetAtt"][0])
    if "Ref" in value:
        return str(value["Ref"])
    text, names = (value["Fn::Sub"], {}) if isinstance(value["Fn::Sub"], str) else value["Fn::Sub"]
    name = text.rpartition("/functions/")[2].removesuffix("/invocations").strip("${}")
    return _called(names[name]) if name in names else str(name.removesuffix(".Arn"))
