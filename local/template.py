"""Reads template.yaml once and returns what there is to run: functions, routes, queues, sources, schedules."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import addresses as local
from local.headers_policy import headers_of
from local.intrinsics import Resolver, Unresolvable, read_yaml


@dataclass(frozen=True)
class Function:
    """One Lambda function: where its code is and how the template says to run it."""

    name: str
    folder: Path
    handler: str
    timeout_s: int
    memory_mb: int
    environment: Mapping[str, str]
    layers: tuple[Path, ...]
    logs_json: bool
    async_retries: int


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API. `method` is ANY for all, `path` is $default for the catch-all."""

    method: str
    path: str
    function: str


@dataclass(frozen=True)
class Cors:
    """The HTTP API's CorsConfiguration, header names in lower case."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_s: int | None = None
    credentials: bool = False


@dataclass(frozen=True)
class SocketApi:
    """The WebSocket API: its stage, which is its path here, and the function behind each route key."""

    stage: str
    selection: str
    routes: Mapping[str, str]


@dataclass(frozen=True)
class Queue:
    """One queue by its local name, with SQS's attributes as SQS spells them."""

    name: str
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """One event source mapping."""

    name: str
    function: str
    queue: str
    batch_size: int
    concurrency: int | None
    reports_failures: bool


@dataclass(frozen=True)
class Schedule:
    """One schedule: what it starts, when, and with what input (None: EventBridge Scheduler's own)."""

    name: str
    function: str
    expression: str
    input: Any


@dataclass(frozen=True)
class Template:
    """Everything that the local runner starts."""

    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    cors: Cors
    sockets: SocketApi | None
    queues: tuple[Queue, ...]
    sources: tuple[Source, ...]
    schedules: tuple[Schedule, ...]
    console_headers: Mapping[str, str] = field(default_factory=dict)
    migrations: tuple[str, ...] = field(default=())


def read_template(path: Path, *, parameters: Mapping[str, str], addresses: local.Addresses) -> Template:
    """Read a SAM template with these parameter values (the template's defaults for the rest).

    Raises Unresolvable for a reference, function or event kind that the local runner does not know.
    """
    document = read_yaml(path)
    resources: dict[str, Any] = document["Resources"]
    defaults = {name: str(each.get("Default", "")) for name, each in document.get("Parameters", {}).items()}
    resolver = Resolver(
        references={**defaults, **local.references(resources, addresses), **parameters},
        attributes=lambda name, wanted: local.attribute(resources, name, wanted),
        conditions=document.get("Conditions", {}),
    )
    present = {n: r for n, r in resources.items() if "Condition" not in r or resolver.is_true(r["Condition"])}
    return _Reading(path.parent.resolve(), document, present, resolver, addresses).template()


class _Reading:
    """One pass over the resources that are present."""

    def __init__(
        self,
        root: Path,
        document: Mapping[str, Any],
        resources: Mapping[str, Any],
        resolver: Resolver,
        addresses: local.Addresses,
    ) -> None:
        self._root = root
        self._globals = document.get("Globals", {})
        self._resources = resources
        self._resolver = resolver
        self._addresses = addresses

    def template(self) -> Template:
        sockets = [self._socket_api(each) for _, each in self._of_type("AWS::Serverless::WebSocketApi")]
        apis = [self._cors(each) for _, each in self._of_type("AWS::Serverless::HttpApi")]
        functions = dict(self._of_type("AWS::Serverless::Function"))
        events = [
            (name, event_id, event)
            for name, each in functions.items()
            for event_id, event in self._events(each)
        ]
        return Template(
            functions={name: self._function(name, each) for name, each in functions.items()},
            routes=tuple(self._route(name, event) for name, _, event in events if event["Type"] == "HttpApi"),
            cors=apis[0] if apis else Cors(),
            sockets=sockets[0] if sockets else None,
            queues=tuple(self._queue(name, each) for name, each in self._of_type("AWS::SQS::Queue")),
            sources=tuple(
                self._source(n, each) for n, each in self._of_type("AWS::Lambda::EventSourceMapping")
            ),
            schedules=tuple(
                self._schedule(name, event_id, event)
                for name, event_id, event in events
                if event["Type"] == "ScheduleV2"
            ),
            console_headers=self._console_headers(),
            migrations=tuple(
                local.function_of(each["ServiceToken"]) for _, each in self._of_type("Custom::Migration")
            ),
        )

    def _of_type(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        defaults = self._globals.get(kind.rsplit("::", 1)[-1], {})
        return [
            (
                name,
                self._resolver.resolve(_merged(_heeded(defaults, resource), resource.get("Properties", {}))),
            )
            for name, resource in self._resources.items()
            if resource["Type"] == kind
        ]

    def _console_headers(self) -> dict[str, str]:
        """Return the headers of the console's files, with this machine's addresses."""
        policies = [each for _, each in self._of_type("AWS::CloudFront::ResponseHeadersPolicy")]
        headers = headers_of(policies[0]["ResponseHeadersPolicyConfig"]) if policies else {}
        return {name: self._addresses.localized(value) for name, value in headers.items()}

    def _function(self, name: str, properties: Mapping[str, Any]) -> Function:
        variables = properties.get("Environment", {}).get("Variables", {})
        retries = properties.get("EventInvokeConfig", {}).get("MaximumRetryAttempts", 2)
        return Function(
            name=name,
            folder=self._root / properties["CodeUri"],
            handler=properties["Handler"],
            timeout_s=int(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            environment={key: self._addresses.localized(_text(each)) for key, each in variables.items()},
            layers=tuple(self._layer(each) for each in properties.get("Layers", [])),
            logs_json=properties.get("LoggingConfig", {}).get("LogFormat") == "JSON",
            async_retries=int(retries),
        )

    def _layer(self, name: str) -> Path:
        if name not in self._resources:
            raise Unresolvable(f"layer {name}")
        return self._root / str(self._resources[name]["Properties"]["ContentUri"])

    def _events(self, properties: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        events = properties.get("Events", {})
        for name, event in events.items():
            if event["Type"] not in ("HttpApi", "ScheduleV2"):
                raise Unresolvable(f"event {name} of type {event['Type']}")
        return list(events.items())

    def _route(self, function: str, event: Mapping[str, Any]) -> Route:
        properties = event.get("Properties", {})
        method = str(properties.get("Method", "ANY")).upper()
        path = properties.get("Path", "$default")
        return Route("ANY" if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" else method, path, function)

    def _schedule(self, function: str, event_id: str, event: Mapping[str, Any]) -> Schedule:
        properties = event["Properties"]
        own = properties.get("Input")
        return Schedule(
            name=function + event_id,
            function=function,
            expression=properties["ScheduleExpression"],
            input=json.loads(own) if own else None,
        )

    def _cors(self, properties: Mapping[str, Any]) -> Cors:
        settings = properties.get("CorsConfiguration", {})
        if settings is True:
            return Cors(origins=("*",))
        return Cors(
            origins=tuple(settings.get("AllowOrigins", ())),
            methods=tuple(settings.get("AllowMethods", ())),
            headers=tuple(each.lower() for each in settings.get("AllowHeaders", ())),
            exposed=tuple(settings.get("ExposeHeaders", ())),
            max_age_s=settings.get("MaxAge"),
            credentials=bool(settings.get("AllowCredentials", False)),
        )

    def _socket_api(self, properties: Mapping[str, Any]) -> SocketApi:
        routes = {key: local.function_of(each["FunctionArn"]) for key, each in properties["Routes"].items()}
        return SocketApi(properties["StageName"], properties["RouteSelectionExpression"], routes)

    def _queue(self, name: str, properties: Mapping[str, Any]) -> Queue:
        attributes = {
            key: _text(each) for key, each in properties.items() if key not in ("QueueName", "Tags")
        }
        return Queue(local.queue_name(name, properties), attributes)

    def _source(self, name: str, properties: Mapping[str, Any]) -> Source:
        concurrency = properties.get("ScalingConfig", {}).get("MaximumConcurrency")
        return Source(
            name=name,
            function=local.function_of(properties["FunctionName"]),
            queue=properties["EventSourceArn"].rsplit(":", 1)[-1],
            batch_size=int(properties.get("BatchSize", 10)),
            concurrency=int(concurrency) if concurrency else None,
            reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        )


def _heeded(defaults: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Globals that a resource does not decline by IgnoreGlobals."""
    declined = resource.get("IgnoreGlobals", [])
    return {} if declined == "*" else {key: each for key, each in defaults.items() if key not in declined}


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Merge as SAM merges Globals: mappings by key, lists one after the other, else the function's own."""
    merged = dict(defaults)
    for key, value in own.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict) and "Ref" not in value:
            merged[key] = _merged(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            merged[key] = before + value
        else:
            merged[key] = value
    return merged


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
