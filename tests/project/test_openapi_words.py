"""openapi.json tells a reader all there is to know: words, examples, closed sets, and every way to be refused."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import functions
from tests.support.product.documented import document, resolved, validator_of
from tests.support.running import guide

CLOSED = {"status", "kind", "direction", "state", "channel", "role", "severity", "source", "integration_type"}
OTHERS_WORDS = {"Message.kind", "WhatsAppTemplate.status"}
"""What these say is the provider's own word, and may be a new one tomorrow."""
JSON = "application/json"


@rule
def test_every_property_has_a_description() -> Sentences:
    """A name alone is not what a field means."""
    for place, schema in _schemas():
        for name, each in schema["properties"].items():
            # What has no type is a demand on fields that are described elsewhere.
            if schema.get("type") == "object" and not each.get("description"):
                yield f"{place}.{name} has no description: write a docstring below the field"


@rule
def test_every_parameter_header_and_tag_has_a_description() -> Sentences:
    for operation in _operations():
        for each in map(resolved, operation.get("parameters", [])):
            if not each.get("description"):
                yield f"{operation['operationId']}: {each['name']} has no description"
        for status, response in _responses(operation):
            for name, header in response.get("headers", {}).items():
                if not header.get("description"):
                    yield f"{operation['operationId']} {status}: the header {name} has no description"
    for tag in document()["tags"]:
        if not tag.get("description"):
            yield f"the tag {tag['name']} has no description"


@rule
def test_it_says_where_the_product_answers() -> Sentences:
    """Without `servers` a client asks the host of the document."""
    if not document().get("servers"):
        yield "there are no servers"
    for server in document().get("servers", []):
        variables = set(re.findall(r"\{(\w+)\}", server["url"]))
        if variables != set(server.get("variables", {})) or not server.get("description"):
            yield f"{server['url']} has variables or words that are not explained"


@rule
def test_every_body_and_every_answer_has_an_example() -> Sentences:
    """People copy examples before they read schemas."""
    for place, content in _contents():
        if not content.get("examples"):
            yield f"{place} has no example"


@rule
def test_every_example_is_as_its_schema_says() -> Sentences:
    """An example that is refused costs everybody who copies it an hour."""
    for place, content in _contents():
        for name, example in content.get("examples", {}).items():
            problems = list(validator_of(content["schema"]).iter_errors(resolved(example)["value"]))
            yield from (f"{place}, {name}: {list(each.instance_path)} {each.message}" for each in problems)


@rule
def test_an_answers_example_is_whole() -> Sentences:
    """It shows every field that an answer has, and none that it has not."""
    for place, content in _contents():
        if "requestBody" not in place and place.split()[-1].startswith("2"):
            for example in content.get("examples", {}).values():
                yield from (f"{place}: {each}" for each in _unknown(content["schema"], example["value"], ""))


@rule
def test_a_body_is_shown_by_recorded_events_and_the_guide() -> Sentences:
    """Both are proven elsewhere: events are replayed, the guide's commands are run."""
    for command in _commands():
        operation = _operation_of(command.method, command.path)
        if command.body:
            wanted = _with_a_number(command.body)
            shown = operation["requestBody"]["content"][JSON]["examples"].values()
            if not any(_holds(each["value"], wanted) for each in shown):
                yield f"{command.name}: the guide's body is no example of {operation['operationId']}"


@rule
def test_an_answer_is_the_guides_where_it_has_one() -> Sentences:
    for command in _commands():
        if command.answer:
            operation = _operation_of(command.method, command.path)
            answers = [
                example["value"]
                for status, response in _responses(operation)
                if status.startswith("2")
                for example in response["content"][JSON]["examples"].values()
            ]
            if not any(_holds(answer, _with_a_number(command.answer)) for answer in answers):
                yield f"{command.name}: the guide's answer is no example of {operation['operationId']}"


@rule
def test_words_of_a_closed_set_are_listed() -> Sentences:
    """What a program compares with must not be found out by trying."""
    for place, schema in _schemas():
        for name, each in schema.get("properties", {}).items():
            model = place.rpartition("/")[2]
            if name in CLOSED and f"{model}.{name}" not in OTHERS_WORDS and _is_bare(each):
                yield f"{place}.{name} is a bare string: name its words"


@rule
def test_numbers_addresses_times_and_ids_have_their_form() -> Sentences:
    """So that a client can refuse what the product would."""
    forms = {r".*_at|since|until": "date-time", r"id|.*_id": "uuid", "(.*_)?url": "uri", "email": "email"}
    for place, schema in _schemas():
        for name, each in schema["properties"].items() if schema.get("type") == "object" else ():
            for pattern, form in forms.items():
                if re.fullmatch(pattern, name) and _is_bare(each) and f"{place}.{name}" not in _OTHER_IDS:
                    yield f"{place}.{name} has not the format {form}"


_OTHER_IDS = {
    "/components/schemas/InlineImage.content_id",
    "/components/schemas/PreviewedFile.content_id",
    "/components/schemas/IntegrationChange.waba_id",
    # From the provider or a customer, whatever it is.
    "/components/schemas/Message.media_url",
    "/components/schemas/SuggestedCustomer.email",
    "/components/schemas/MailboxPreset.id",
    "/components/schemas/RotationProgress.key_id",
    "/components/schemas/Failure.request_id",
    "/components/schemas/PhoneConfiguration.caller_id",
    "/components/schemas/PhoneCredentials.caller_id",
    "/components/schemas/SentEmail.smtp_message_id",
    *(
        f"/components/schemas/{model}.{name}"
        for model in ("SmsConfiguration", "SmsCredentials", "WhatsAppConfiguration", "WhatsAppCredentials")
        for name in ("dlt_entity_id", "waba_id")
    ),
}


@rule
def test_a_body_that_refuses_unknown_fields_says_so() -> Sentences:
    for operation in _operations():
        content = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if content and operation["tags"] != ["webhooks"]:
            for name in sorted(_models_in(content["schema"])):
                model = document()["components"]["schemas"][name]
                if "properties" in model and model.get("additionalProperties") is not False:
                    yield f"{name} is sent to {operation['operationId']} and takes unknown fields"


@rule
def test_a_query_parameter_is_never_null() -> Sentences:
    """A query has texts; what is not given is left out."""
    for operation in _operations():
        for each in map(resolved, operation.get("parameters", [])):
            if '"null"' in json.dumps(each["schema"]) or each["schema"].get("default", "") is None:
                yield f"{operation['operationId']}: {each['name']} may be null"


@rule
def test_every_refusal_is_named() -> Sentences:
    """`4XX` tells a reader nothing: each status stands there with the codes that come with it."""
    statuses = _statuses_of_codes()
    for operation in _operations():
        for status, response in _responses(operation):
            asked = f"{operation['operationId']} answers {status}"
            if not re.fullmatch(r"[2-5][0-9][0-9]", status):
                yield f"{asked}: name the statuses"
            elif int(status) >= 400 and operation["tags"] != ["webhooks"]:
                codes = _codes_in(response["content"][JSON]["schema"])
                if not codes:
                    yield f"{asked} without naming a code"
                yield from (f"{asked} with {code}" for code in codes if statuses.get(code) != int(status))


def _codes_in(schema: dict[str, Any]) -> list[str]:
    shapes = [schema, *schema.get("anyOf", ())]
    return [code for each in shapes for code in each.get("properties", {}).get("code", {}).get("enum", ())]


def _statuses_of_codes() -> dict[str, int]:
    from local.documents import errors_page

    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", errors_page(), re.MULTILINE)
    return {code: int(status) for code, status in rows}


def _operations() -> Iterator[dict[str, Any]]:
    for each in document()["paths"].values():
        yield from each.values()


def _responses(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, response in operation["responses"].items():
        yield status, resolved(response)


def _contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each body and each answer is made of, by media type."""
    for operation in _operations():
        name = operation["operationId"]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{name} requestBody", content
        for status, response in _responses(operation):
            for content in response.get("content", {}).values():
                yield f"{name} {status}", content


def _schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of the document that has properties, with its place."""
    components = {name: document()["components"][name] for name in ("schemas", "responses")}
    yield from _schemas_in({"components": components, "paths": document()["paths"]}, "")


def _schemas_in(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield place, node
        for name, inner in node.items():
            if name not in ("examples", "example", "default"):
                yield from _schemas_in(inner, f"{place}/{name}")
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from _schemas_in(inner, f"{place}/{at}")


def _is_bare(schema: dict[str, Any]) -> bool:
    """Return whether a schema takes any text at all."""
    shapes = [schema, *schema.get("anyOf", ())]
    return any(
        each.get("type") == "string" and not each.keys() & {"enum", "const", "format"} for each in shapes
    )


def _unknown(schema: dict[str, Any], value: Any, place: str) -> Iterator[str]:
    """Yield the fields of a value that its schema does not have, and of the schema that it leaves out."""
    whole = _resolve(schema)
    shapes = [_resolve(each) for each in whole.get("anyOf", [whole])]
    if isinstance(value, list):
        for each in value:
            yield from _unknown(whole.get("items", {}), each, f"{place}[]")
    elif isinstance(value, dict) and all("properties" in each for each in shapes):
        known = max((each["properties"] for each in shapes), key=lambda each: len(each.keys() & value.keys()))
        yield from (f"{place}.{name} is not in the schema" for name in value.keys() - known.keys())
        for name, inner in value.items():
            yield from _unknown(known.get(name, {}), inner, f"{place}.{name}")


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    return resolved(schema) | {name: each for name, each in schema.items() if name != "$ref"}


def _models_in(schema: Any) -> set[str]:
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(waiting.pop())):
            if name not in found:
                found.add(name)
                waiting.append(document()["components"]["schemas"][name])
    return found


def _commands() -> list[guide.Command]:
    return [each for each in vars(guide).values() if isinstance(each, guide.Command)]


def _operation_of(method: str, path: str) -> dict[str, Any]:
    for route in (route for each in functions() for route in each.routes):
        pattern = re.sub(r"\{\w+\}", "[^/]+", route.path)
        if route.method == method and re.fullmatch(pattern, f"/api/v1{path.partition('?')[0]}"):
            found: dict[str, Any] = document()["paths"][route.path][method.lower()]
            return found
    raise KeyError(path)


def _with_a_number(content: Any) -> Any:
    """Return what the guide shows, with digits where it has none."""
    return json.loads(json.dumps(content).replace("+91XXXXXXXXXX", "+918047100100"))


def _holds(value: Any, wanted: Any) -> bool:
    """Return whether a value says what the guide does; where that says "uuid", any id will do."""
    if wanted == "uuid":
        return isinstance(value, str)
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(
            name in value and _holds(value[name], each) for name, each in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(_holds, value, wanted))
    return bool(value == wanted)
