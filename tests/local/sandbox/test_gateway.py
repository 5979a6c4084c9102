"""The sandbox behind the product's gateway: its API is for pages of this machine."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from local.gateway.application import Application
from local.sandbox import Sandbox
from tests.support.running.sandbox import SandboxClient

HERE = "http://127.0.0.1:8000"


def ask(running: Sandbox, **headers: str) -> httpx.Response:
    """Break Exotel through a gateway, as a page with these headers."""
    gateway = Application()
    gateway.ready = True
    gateway.sandbox = Starlette(routes=[Mount("/sandbox/api", running.api)])

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway), base_url=HERE) as page:
            return await page.post("/sandbox/api/breakages", json={"name": "exotel.down"}, headers=headers)

    return asyncio.run(send())


def test_a_page_of_this_machine_may_break_exotel(running: Sandbox, client: SandboxClient) -> None:
    assert ask(running, origin=HERE).status_code == 200
    assert client.control("GET", "/breakages")["broken"] == [{"name": "exotel.down", "left": None}]


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "https://evil.example"}],
    ids=["rebound name", "foreign page"],
)
def test_other_sites_may_not(running: Sandbox, client: SandboxClient, headers: dict[str, str]) -> None:
    assert ask(running, **headers).status_code == 403
    assert client.control("GET", "/breakages")["broken"] == []
