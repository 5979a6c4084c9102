"""The product for benchmarks: a copy that runs locally, and its functions one by one.

A copy, compiled as deployed layers are: the tree may be edited while a benchmark runs.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil
from measuring import ROOT

from banxway.clock import SYSTEM_CLOCK
from banxway.security.references import CallbackKind, CallbackReferences
from local.addresses import REGION
from local.bundle import Builder
from local.children import Children
from local.runtime.instance import Instance, encoded
from local.runtime.launcher import Launcher
from local.state import State
from local.template import Function
from tests.support.running.runner import BUNDLE, Runner, start_runner

_OWN = ("AWS_LAMBDA_FUNCTION_NAME", "LAMBDA_TASK_ROOT")  # the launcher sets these for each function


class Product:
    """A running copy; functions are started beside it, each under an emulator of its own."""

    def __init__(self, runner: Runner, folder: Path, launcher: Launcher) -> None:
        self.runner = runner
        self.organization_id = UUID(runner.info["demo_users"][0]["organization_id"])
        self.sqs = _sqs_client(runner.info["sqs"]["url"])
        self._folder = folder
        self._launcher = launcher

    def function(self, name: str, *, route: str, **environment: str) -> Function:
        """Return a function in exactly the environment that it has in the runner, changed where given."""
        method, path = route.split(" ")
        httpx.request(
            method, self.runner.url + path, trust_env=False
        )  # refused, but then an instance is live
        live = psutil.Process(self.runner.functions()[name][0]["pid"])
        kept = {key: value for key, value in live.environ().items() if key not in _OWN}
        return Function(
            name=name,
            folder=Path(live.cwd()),
            handler="app.handler",
            timeout_s=29,
            memory_mb=512,
            environment=kept | environment,
            layers=(),
            logs_json=True,
            async_retries=0,
        )

    def baseline(self, name: str, like: Function) -> Function:
        """Return a baseline, to be run in the environment of one of our functions."""
        return replace(like, name=name, folder=self._folder / "baselines" / name)

    async def start(self, function: Function) -> Instance:
        """Start a function's emulator. Its Python starts at the first invocation."""
        instance = Instance(function, self._launcher, generation=0)
        if not await instance.ready():
            raise RuntimeError(f"the emulator of {function.name} does not start")
        return instance

    def new_queue(self) -> str:
        """Make a queue that nothing consumes and return its URL."""
        return str(self.sqs.create_queue(QueueName=f"bench-{uuid4().hex[:8]}")["QueueUrl"])

    def depth(self, queue_url: str) -> int:
        """Return how many messages are on a queue."""
        name = "ApproximateNumberOfMessages"
        found = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])
        return int(found["Attributes"][name])

    def reference(self) -> str:
        """Return a genuine reference for callbacks about one WhatsApp message."""
        references = CallbackReferences(self.runner.secrets["webhook_secret"], clock=SYSTEM_CLOCK)
        return references.for_unit(
            CallbackKind.WHATSAPP,
            organization_id=self.organization_id,
            unit_id=uuid4(),
            expires_in=timedelta(days=1),
        )

    def callback_event(self) -> dict[str, Any]:
        """Return the event of one genuine delivery report."""
        text = (ROOT / "events/webhooks/exotel_whatsapp_status__delivered.json").read_text()
        return dict(json.loads(text.replace("{{reference:whatsapp}}", self.reference())))


async def timed(instance: Instance, event: dict[str, Any]) -> float:
    """Invoke a function and return how many seconds its answer took. Raises RuntimeError unless that is 200."""
    payload = encoded(event)
    began = time.perf_counter()
    invocation = await instance.invoke(payload)
    took = time.perf_counter() - began
    if invocation.error or invocation.result["statusCode"] != 200:
        raise RuntimeError(f"{instance.function.name}: {invocation.error or invocation.result}")
    return took


def end(instance: Instance) -> None:
    """End a function's processes at once."""
    instance.stop()
    instance.bury()


@contextmanager
def running_product(*, without: Sequence[str] = ()) -> Iterator[Product]:
    """Run a copy of the product, without its timers; `without` names resources to leave out of its template."""
    folder = Path(tempfile.mkdtemp(prefix="banxway-bench-"))
    children = Children()
    try:
        _copy_product(folder, without)
        template, state = folder / "template.yaml", State(folder / "single")
        with start_runner(
            folder / "state",
            template=template,
            sandbox=False,
            timers=False,
        ) as runner:
            launcher = Launcher(
                children=children,
                state=state,
                interpreter=Builder(BUNDLE).runtime(),
                built_layers={},
                queues_address=runner.info["sqs"]["url"],
            )
            yield Product(runner, folder, launcher)
            children.stop_all()
    finally:
        children.stop_all()
        shutil.rmtree(folder, ignore_errors=True)


def _copy_product(folder: Path, without: Sequence[str]) -> None:
    leave = shutil.ignore_patterns("__pycache__")
    for name, source in (("layers", "layers"), ("functions", "functions"), ("baselines", "bench/baselines")):
        shutil.copytree(ROOT / source, folder / name, ignore=leave)
    template = (ROOT / "template.yaml").read_text()
    for resource in without:
        template, found = re.subn(rf"^  {resource}:\n(?:   .*\n)+", "", template, flags=re.MULTILINE)
        if not found:
            raise RuntimeError(f"template.yaml has no {resource}")
    (folder / "template.yaml").write_text(template)
    compiling = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*compiling, str(folder)], check=True)


def _sqs_client(url: str) -> Any:
    import boto3

    make: Callable[..., Any] = boto3.client
    return make(
        "sqs",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
