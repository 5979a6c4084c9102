"""What template.yaml opens to the outside, and what its deployer may set: APIs, parameters, outputs."""

import ast
import re
import tomllib
from typing import Any

from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import functions, of, socket_routes, template
from tests.support.gates.tree import PACKAGE, ROOT, parse

HEADERS_SENT = {"authorization", "content-type", "idempotency-key", "if-match"}
"""What the console sends beside what every browser may send to anybody."""

READ_BY_BROWSERS_THEMSELVES = {
    "cache-control",
    "content-encoding",
    "content-security-policy",
    "content-type",
    "referrer-policy",
    "vary",
    "x-content-type-options",
}
"""The headers of our answers that no script has to read, or that any may (Fetch, CORS-safelisted)."""

DEFAULTS = {
    "Environment": "production",
    "JwtAudience": "authenticated",
    "ExotelApiUrl": "https://api.exotel.com",
    "ConsoleOrigin": "https://console.example.com",
    "LogRetentionDays": 30,
    "MessagesInFlight": 4,
    "MessageSenders": 10,
    "MailSenders": 10,
    "AllowPrivateHosts": "0",
    "CreateUserPool": "false",
}
"""The parameters that stand for something where nobody says anything; all others are empty, or have to be given."""

MUST_BE_GIVEN = {"DatabaseUrl", "OwnerDatabaseUrl", "WebhookSecret"}
CHOICES = {
    "Environment": ["production", "staging", "local"],
    "AllowPrivateHosts": ["0", "1"],
    "CreateUserPool": ["true", "false"],
}
LOOKS_SECRET = re.compile(r"(Secret|Token|Password|Key|DatabaseUrl)$")


@rule
def test_what_is_secret_is_not_shown_to_who_may_look_at_the_stack() -> Sentences:
    """CloudFormation shows every parameter in its console, but for those with NoEcho."""
    from dataclasses import fields

    from banxway.settings import Settings

    secret = {
        declared.metadata["variable"].replace("_", "").lower()
        for declared in fields(Settings)
        if declared.metadata["secret"]
    }
    for name, parameter in _parameters().items():
        is_secret = name.lower() in secret or LOOKS_SECRET.search(name) is not None
        if parameter.get("NoEcho", False) is not is_secret:
            yield f"{name} has NoEcho {parameter.get('NoEcho')}, and should have {is_secret}"
        if is_secret and parameter.get("Default", "") != "":
            yield f"{name} is secret, and its default is in the repository"


@rule
def test_a_parameter_stands_for_what_was_decided_where_nobody_gives_it() -> Sentences:
    """A deployment that says nothing uses KMS, a bucket, public hosts, and the real Exotel."""
    for name, parameter in _parameters().items():
        wanted = None if name in MUST_BE_GIVEN else DEFAULTS.get(name, "")
        yield from differences(f"{name}.Default", parameter.get("Default"), wanted)
        yield from differences(f"{name}.AllowedValues", parameter.get("AllowedValues"), CHOICES.get(name))
        kind = "Number" if isinstance(wanted, int) else "String"
        yield from differences(f"{name}.Type", parameter.get("Type"), kind)
    for name in sorted({*DEFAULTS, *MUST_BE_GIVEN, *CHOICES} - set(_parameters())):
        yield f"{name} is in a table, and not in template.yaml"


@rule
def test_the_default_address_of_exotel_is_the_one_that_the_product_knows() -> Sentences:
    from banxway.settings import Settings

    yield from differences("ExotelApiUrl", DEFAULTS["ExotelApiUrl"], Settings().exotel_api_url)


@rule
def test_every_parameter_is_used() -> Sentences:
    """One that is read nowhere is a setting that somebody sets in vain."""
    text = str({key: value for key, value in template().items() if key != "Parameters"})
    for name in _parameters():
        if not re.search(rf"'Ref': '{name}'|\$\{{{name}\}}", text):
            yield f"{name} is used nowhere"


@rule
def test_conditions_ask_whether_a_parameter_was_given() -> Sentences:
    """Turned round, alarms would be sent to nobody, or a policy would name an empty key."""
    wanted = {
        name: {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
        for name, parameter in {
            "HasAlarmTopic": "AlarmTopicArn",
            "HasConsoleDomain": "ConsoleCertificateArn",
            "HasPreviousKey": "EncryptionPreviousKeyArn",
        }.items()
    }
    issuer = {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}]}
    wanted["HasSignIn"] = {"Fn::Or": [{"Condition": "HasUserPool"}, issuer]}
    wanted["HasUserPool"] = {"Fn::Equals": [{"Ref": "CreateUserPool"}, "true"]}
    yield from differences("Conditions", template().get("Conditions"), wanted)


@rule
def test_only_the_consoles_pages_may_call_the_api_from_a_browser() -> Sentences:
    """Another origin here, or a star, and any website may call with what an agent's browser knows."""
    wanted = {
        "CorsConfiguration": {
            "AllowOrigins": [{"Ref": "ConsoleOrigin"}],
            "AllowMethods": sorted(_methods()),
            "AllowHeaders": sorted(HEADERS_SENT),
            "ExposeHeaders": sorted(_headers_to_read()),
            "MaxAge": 600,
        },
        # One that is flooded answers 429 before the database is asked.
        "DefaultRouteSettings": {"ThrottlingBurstLimit": 1000, "ThrottlingRateLimit": 500},
    }
    found = {name: dict(value) for name, value in of("Serverless::HttpApi").get("Api", {}).items()}
    for name in ("AllowMethods", "AllowHeaders", "ExposeHeaders"):
        cors = found.get("CorsConfiguration", {})
        cors[name] = sorted(cors.get(name, []))
    yield from differences("Api", found, wanted)


@rule
def test_what_an_endpoint_reads_of_a_request_a_browser_may_send() -> Sentences:
    """A header that the browser must not send makes every request with it fail before it leaves."""
    entrypoint = parse(PACKAGE / "entrypoints" / "http.py")
    read = {
        node.args[0].value
        for node in ast.walk(entrypoint)
        if isinstance(node, ast.Call) and "headers" in ast.unparse(node.func) and node.args
        if isinstance(node.args[0], ast.Constant) and node.args[0].value != "headers"
    }
    for name in sorted(read - HEADERS_SENT):
        yield f"an endpoint reads {name}, and no browser may send it"
    if len(read) < 2:
        yield f"only {sorted(read)} was found to be read: this test looks in the wrong place"


@rule
def test_the_websocket_api_has_its_two_routes_under_its_stage() -> Sentences:
    """The stage is part of the address that WEBSOCKET_URL names."""
    found = dict(of("Serverless::WebSocketApi").get("RealtimeApi", {}))
    wanted = {
        "RouteSelectionExpression": "$request.body.action",
        "StageName": "live",
        "Routes": {
            "$connect": {"FunctionArn": {"Fn::GetAtt": ["RealtimeConnect", "Arn"]}},
            "$disconnect": {"FunctionArn": {"Fn::GetAtt": ["RealtimeDisconnect", "Arn"]}},
        },
    }
    yield from differences("RealtimeApi", found, wanted)
    for each in functions():
        if (each.kind == "socket") != (each.logical_id in socket_routes().values()):
            yield f"{each.logical_id} is of the kind {each.kind}: @socket is for WebSocket routes alone"


@rule
def test_the_outputs_are_addresses_and_how_to_sign_in() -> Sentences:
    """Everybody who may look at the stack sees them; a secret among them would be shown."""
    host = "${%s}.execute-api.${AWS::Region}.amazonaws.com"
    wanted = {
        "ApiUrl": {"Value": {"Fn::Sub": "https://" + host % "Api"}},
        "WebSocketUrl": {"Value": {"Fn::Sub": "wss://" + host % "RealtimeApi" + "/live"}},
    }
    wanted |= {
        "ConsoleUrl": {"Value": {"Fn::Sub": "https://${ConsoleDistribution.DomainName}"}},
        "ConsoleBucketName": {"Value": {"Ref": "ConsoleBucket"}},
        "ConsoleOrigin": {"Value": {"Ref": "ConsoleOrigin"}},
        "EnvironmentName": {"Value": {"Ref": "Environment"}},
    }
    pool = {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"}
    domain = {"Fn::Sub": "https://${UserPoolDomain}.auth.${AWS::Region}.amazoncognito.com"}
    audience = {"Fn::If": ["HasUserPool", {"Ref": "UserPoolClient"}, {"Ref": "JwtAudience"}]}
    sign_in = {
        "SignInIssuer": ("HasSignIn", {"Fn::If": ["HasUserPool", pool, {"Ref": "JwtIssuer"}]}),
        "SignInClientId": ("HasSignIn", audience),
        "SignInDomain": ("HasUserPool", domain),
    }
    wanted |= {
        name: {"Condition": condition, "Description": _described(name), "Value": value}
        for name, (condition, value) in sign_in.items()
    }
    yield from differences("Outputs", template().get("Outputs"), wanted)


def _described(name: str) -> Any:
    return template().get("Outputs", {}).get(name, {}).get("Description")


@rule
def test_the_template_has_no_part_that_nobody_reviewed() -> Sentences:
    """A second transform, or a mapping, would change what all these tests have read."""
    wanted = {
        "AWSTemplateFormatVersion",
        "Transform",
        "Description",
        "Parameters",
        "Conditions",
        "Globals",
        "Resources",
        "Outputs",
    }
    for name in sorted(set(template()) ^ wanted):
        yield f"{name} is {'no part that a test looks at' if name in template() else 'not there'}"
    versions = {"AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31"}
    for name, version in versions.items():
        yield from differences(name, template().get(name), version)


@rule
def test_a_deployment_to_production_shows_what_it_will_change_and_asks() -> Sentences:
    """And staging never stands in for it: it is another stack. No parameter is committed."""
    text = (ROOT / "samconfig.toml").read_text() if (ROOT / "samconfig.toml").is_file() else ""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        yield f"samconfig.toml cannot be read: {error}"
        return
    capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
    wanted: dict[str, Any] = {
        "version": 0.1,
        "default": {
            "global": {"parameters": {"stack_name": "banxway-integrations"}},
            "build": {"parameters": {"cached": True, "parallel": True}},
            "validate": {"parameters": {"lint": True}},
            "deploy": {
                "parameters": {"capabilities": capabilities, "confirm_changeset": True, "resolve_s3": True}
            },
        },
        "staging": {
            "deploy": {
                "parameters": {
                    "stack_name": "banxway-integrations-staging",
                    "capabilities": capabilities,
                    "confirm_changeset": False,
                    "resolve_s3": True,
                }
            }
        },
    }
    yield from differences("samconfig", found, wanted)


def _parameters() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = template().get("Parameters") or {}
    return found


def _methods() -> set[str]:
    return {route.method for each in functions() if each.kind == "endpoint" for route in each.routes}


def _headers_to_read() -> set[str]:
    """Return the headers that our answers carry for a script to read."""
    written = set()
    for name in ("http.py", "replies.py"):
        for node in ast.walk(parse(PACKAGE / "entrypoints" / name)):
            if isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                written |= {key.lower() for key in keys if re.fullmatch(r"[A-Z][a-z]*(-[A-Z][a-z]*)+", key)}
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                key = str(node.slice.value)
                written |= {key.lower()} if re.fullmatch(r"[A-Z][a-z]*(-[A-Z][a-z]*)+", key) else set()
    return written - READ_BY_BROWSERS_THEMSELVES
