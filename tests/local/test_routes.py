"""Which route an HTTP API chooses."""

import pytest

from local.gateway.routes import Router
from local.template import Route

ROUTES = [
    Route("GET", "/things/{id}", "Get"),
    Route("GET", "/things/special", "Special"),
    Route("ANY", "/things/{id}", "Any"),
    Route("GET", "/files/{path+}", "Files"),
    Route("GET", "/files/{name}/size", "Size"),
]


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/things/7", "Get", {"id": "7"}),
        ("GET", "/things/special", "Special", {}),
        ("PUT", "/things/7", "Any", {"id": "7"}),
        ("GET", "/files/a/b/c", "Files", {"path": "a/b/c"}),
        ("GET", "/files/a/size", "Size", {"name": "a"}),
    ],
    ids=["variable", "full path first", "any method", "greedy", "variable before greedy"],
)
def test_the_most_specific_route_is_chosen(method, path, function, parameters):
    match = Router(ROUTES).match(method, path)

    assert (match.route.function, match.parameters) == (function, parameters)


@pytest.mark.parametrize("path", ["/things", "/things/", "/things/7/", "/thing/7", "/"])
def test_nothing_is_chosen_for_an_unknown_path(path):
    assert Router(ROUTES).match("GET", path) is None


def test_the_default_route_takes_the_rest():
    match = Router([*ROUTES, Route("ANY", "$default", "Rest")]).match("GET", "/nothing")

    assert (match.route.function, match.key) == ("Rest", "$default")
