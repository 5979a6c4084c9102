"""The command line of `python -m local`: run the whole bundle in the foreground, until Ctrl-C."""

import argparse
import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import NoReturn

import psycopg

from local.exotel_account import exotel_account
from local.refusal import CannotStart, sentence
from local.runner import Options, Runner
from local.runtime.pool import Limits
from local.sign_in_service import sign_in_service

_ROOT = Path(__file__).resolve().parent.parent


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Refuse arguments in one sentence."""
        raise CannotStart(message)


def _options() -> Options:
    parser = _Parser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="the gateway's port; 0 takes any free one")
    parser.add_argument(
        "--state", type=Path, default=Path(".local"), help="the folder that survives restarts"
    )
    parser.add_argument("--bundle", type=Path, help="the folder of built layers (default: the state folder)")
    parser.add_argument("--template", type=Path, default=_ROOT / "template.yaml", help="the template to run")
    parser.add_argument(
        "--no-timers", action="store_true", help="start timers only on POST /local/timers/<function>"
    )
    parser.add_argument(
        "--instances",
        type=int,
        default=Limits.total,
        help="how many function processes may run at once, if memory allows",
    )
    parser.add_argument("--no-console", action="store_true", help="do not serve the web console")
    given = parser.parse_args()
    if given.instances < 1:
        parser.error("--instances must be at least 1")
    return Options(
        template=given.template.resolve(),
        state=given.state,
        bundle=(given.bundle or given.state).resolve(),
        port=given.port,
        console=not given.no_console,
        sandbox=os.environ.get("SANDBOX", "1") != "0",
        exotel_url=os.environ.get("EXOTEL_API_URL"),
        webhook_base_url=os.environ.get("WEBHOOK_BASE_URL") or os.environ.get("EXOTEL_WEBHOOK_BASE_URL"),
        exotel_account=exotel_account(os.environ),
        timers=not given.no_timers,
        instances=given.instances,
        sign_in=sign_in_service(os.environ),
    )


def _announce(address: str) -> None:
    token = (
        f"""$(curl -s {address}/local/token -d '{{"email": "admin@banxway.local"}}'"""
        """ | python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')"""
    )
    print(f"\nReady at {address}, sandbox at {address}/sandbox: open either in a browser")
    print("Demo users: admin@ manager@ agent@banxway.local (Banxway Demo), admin@other.local (Other Co)")
    print(
        f"""Try: curl -s {address}/api/v1/settings/integrations -H "Authorization: Bearer {token}"\n""",
        flush=True,
    )


async def _run(options: Options) -> None:
    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    runner = Runner(options)
    work = asyncio.create_task(_start_and_watch(runner))
    waiting = asyncio.create_task(interrupted.wait())
    try:
        await asyncio.wait([work, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        work.cancel()
        result = await asyncio.gather(work, return_exceptions=True)
        await runner.stop()
    if isinstance(result[0], Exception):
        raise result[0]


async def _start_and_watch(runner: Runner) -> None:
    await runner.start()
    _announce(runner.addresses.api)
    await runner.until_broken()


def main() -> int:
    """Run until interrupted; return 1 if something did not start or broke."""
    try:
        asyncio.run(_run(_options()))
    except (RuntimeError, OSError, sqlite3.Error, psycopg.Error) as error:
        print(f"local runner: {sentence(error)}", file=sys.stderr)
        return 1
    return 0
