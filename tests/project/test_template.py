"""template.yaml and functions/ say the same: what is in one only is either dead or undeployed."""

import re
from collections.abc import Iterator
from typing import Any

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import (
    TEMPLATE,
    consumers,
    deployed_functions,
    folder_of,
    functions,
    named,
    of,
    resources,
    schedules,
    socket_routes,
    template,
)
from tests.support.gates.tree import function_files

AREAS = [
    "integrations",
    "phone_numbers",
    "email_accounts",
    "email_sync",
    "email_templates",
    "email_rules",
    "auto_replies",
    "ivr",
    "threads",
    "messages",
    "calls",
    "customers",
    "campaigns",
    "team",
    "organizations",
    "audit",
    "status",
    "webhooks",
    "dead_letters",
    "realtime",
    "maintenance",
    "platform",
]
BANNER = re.compile(r"  # ── ([a-z_]+) ─+")
RESOURCE = re.compile(r"  (\w+):\s*$")


@rule
def test_the_template_can_be_read() -> Sentences:
    """All tests about it ask this first; here it is asked alone."""
    if not template().get("Resources"):
        yield "template.yaml has no resources"


@rule
def test_whatever_is_named_is_there() -> Sentences:
    """CloudFormation refuses what names something else, and a deployment is a late time to hear of it."""
    there = {*resources(), *template().get("Parameters", {})}
    for path, name in _names(template()):
        if name not in there and not name.startswith("AWS::"):
            yield f"{path} names {name}, which is neither a resource nor a parameter"
    for path, name in _conditions(template().get("Resources")):
        if name not in template().get("Conditions", {}):
            yield f"{path} asks for {name}, which is no condition"


@rule
def test_every_folder_is_deployed_once_and_every_function_has_its_folder() -> Sentences:
    """A folder that the template forgot would pass all its tests and never run."""
    folders = [f"{file.parent.parent.name}/{file.parent.name}" for file in function_files()]
    deployed = [folder_of(each) for each in of("Serverless::Function").values()]
    for folder in folders:
        if deployed.count(folder) != 1:
            yield f"functions/{folder} is deployed {deployed.count(folder)} times: template.yaml needs it once"
    for folder in sorted(set(deployed) - set(folders)):
        yield f"functions/{folder} is deployed, and not there"


@rule
def test_a_logical_id_is_area_and_folder() -> Sentences:
    """So that a name in an alarm or a log leads to its folder without a search."""
    for name, each in of("Serverless::Function").items():
        wanted = "".join(word.capitalize() for word in re.split("[_/]", folder_of(each)))
        if name != wanted:
            yield f"{name} is built from functions/{folder_of(each)}: its name should be {wanted}"


@rule
def test_functions_stand_under_their_areas_banner_in_the_order_of_areas() -> Sentences:
    """The one long file stays readable because it is an index."""
    banners = [banner for banner, _ in _stanzas()]
    areas = {
        name: each.area
        for each in functions()
        for name in (each.logical_id, f"{each.logical_id}Source", f"RoleOf{each.logical_id}")
    }
    for banner, names in _stanzas():
        for name in names:
            if areas.get(name, banner) != banner:
                yield f"{name} stands under {banner}"
        if banner not in AREAS:
            yield f"{banner} is no area of AREAS"
    if banners != sorted(banners, key=lambda each: AREAS.index(each) if each in AREAS else len(AREAS)):
        yield f"the areas stand in another order than that of AREAS: {', '.join(banners)}"
    for area in sorted({each.area for each in functions()} ^ set(banners)):
        yield f"{area} has {'no function' if area in banners else 'no banner'}"


@rule
def test_a_description_is_its_functions_own_sentence() -> Sentences:
    """Two descriptions of one thing drift apart; these are one."""
    for each in deployed_functions():
        said = of("Serverless::Function").get(each.logical_id, {}).get("Description")
        if said != each.summary:
            yield f"{each.logical_id} is described as {said!r}, and its own file says {each.summary!r}"


@rule
def test_a_trigger_is_what_the_template_gives_the_function() -> Sentences:
    """A handler behind the wrong kind of trigger fails on its first real event, not before."""
    for each in deployed_functions():
        if each.trigger not in _triggers(each):
            yield f"{each.logical_id} says {each.trigger!r}, and the template gives it {_triggers(each)}"


@rule
def test_a_decorator_fits_its_trigger() -> Sentences:
    """Each decorator reads another shape of event."""
    for each in deployed_functions():
        name = each.logical_id
        is_webhook = (
            bool(each.routes) and "/webhooks/" in each.routes[0].path and each.routes[0].method == "POST"
        )
        fits = {
            "endpoint": bool(each.routes) and not is_webhook,
            "webhook": is_webhook,
            "worker": name in consumers().values(),
            "timer": bool(schedules(name)),
            "socket": name in socket_routes().values(),
        }
        kinds = [kind for kind, does in fits.items() if does] or ["deployment"]
        if kinds != [each.kind]:
            yield f"{name} is a @{each.kind}, and the template runs it as {' and '.join(kinds)}"


@rule
def test_no_route_is_served_twice() -> Sentences:
    """CloudFormation would deploy the last and say nothing."""
    routes = [f"{route.method} {route.path}" for each in functions() for route in each.routes]
    for route in sorted(set(routes)):
        if routes.count(route) > 1:
            yield f"{route} is served {routes.count(route)} times"


def _names(node: Any, path: str = "template.yaml") -> Iterator[tuple[str, str]]:
    """Yield every resource and parameter that is named anywhere, and where."""
    if isinstance(node, list):
        for each in node:
            yield from _names(each, path)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Ref":
                yield path, str(value)
            elif key == "Fn::GetAtt":
                yield path, str(value[0])
            elif key == "Fn::Sub" and isinstance(value, str):
                yield from ((path, name) for name in re.findall(r"\$\{([\w:]+)", value))
            else:
                yield from _names(value, key if path in ("template.yaml", "Resources") else path)


def _conditions(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for each in node:
            yield from _conditions(each, path)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Fn::If":
                yield path, str(value[0])
            yield from _conditions(value, path or key)


def _stanzas() -> list[tuple[str, list[str]]]:
    """Return each area's banner and the resources below it."""
    stanzas: list[tuple[str, list[str]]] = []
    is_of_an_area = False
    for line in TEMPLATE.read_text(encoding="utf-8").splitlines() if TEMPLATE.is_file() else ():
        banner, resource = BANNER.match(line), RESOURCE.match(line)
        if line.startswith("  # ── "):
            is_of_an_area = banner is not None
        if banner:
            stanzas.append((banner[1], []))
        elif resource and is_of_an_area:
            stanzas[-1][1].append(resource[1])
    return stanzas


def _triggers(function: Any) -> list[str]:
    """Return what a function's first line may say of its trigger, by what the template gives it."""
    name = function.logical_id
    if function.routes:
        return [f"{function.routes[0].method} {function.routes[0].path}"]
    if schedules(name):
        return [_in_words(each.get("ScheduleExpression", "")) for each in schedules(name)]
    if name in socket_routes().values():
        return [route for route, served_by in socket_routes().items() if served_by == name]
    if name in consumers().values():
        return [function.trigger] if function.trigger.startswith("Queue of ") else ["Queue of …"]
    tokens = [named(each["Properties"].get("ServiceToken")) for each in resources().values() if _is_own(each)]
    if name in tokens:
        return ["Every deployment"]
    return [function.trigger] if function.trigger.startswith("By hand") else ["By hand …"]


def _is_own(resource: dict[str, Any]) -> bool:
    return str(resource.get("Type", "")).startswith("Custom::")


def _in_words(expression: str) -> str:
    rate = re.fullmatch(r"rate\((\d+) (\w+)\)", expression)
    if not rate:
        return f"({expression}, which this test cannot say in words)"
    return f"Every {rate[2]}" if rate[1] == "1" else f"Every {rate[1]} {rate[2]}"
