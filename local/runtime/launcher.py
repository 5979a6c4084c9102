"""Starts one function under AWS's Runtime Interface Emulator, in the environment that Lambda gives."""

import platform
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.addresses import REGION
from local.children import Children
from local.ports import free_ports
from local.state import State
from local.template import Function

# Lambda's own search path; nothing of the developer's environment is passed on.
_PATH = "/usr/local/bin:/usr/bin:/bin"


def emulator_binary() -> Path:
    """Return the emulator that ships inside the aws-sam-cli package. Raises RuntimeError."""
    if platform.system() != "Linux":
        raise RuntimeError("AWS's runtime emulator is a Linux program: use Linux, WSL or a Linux machine")
    samcli = find_spec("samcli")  # found without being imported: that takes a second
    folder = (
        Path(samcli.submodule_search_locations[0]) if samcli and samcli.submodule_search_locations else Path()
    )
    machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    binary = folder / "local" / "rapid" / f"aws-lambda-rie-{machine}"
    if not binary.exists():
        raise RuntimeError("aws-sam-cli brings no Runtime Interface Emulator for this machine")
    return binary


@dataclass(frozen=True)
class Emulator:
    """One started emulator: the ports for calls and for its function's own process."""

    process: "subprocess.Popen[bytes]"
    port: int
    runtime_port: int


class Launcher:
    """Starts processes for functions; built layers replace their source folders."""

    def __init__(
        self,
        *,
        children: Children,
        state: State,
        interpreter: Path,
        built_layers: Mapping[Path, Path],
        queues_address: str,
    ) -> None:
        self._children = children
        self._state = state
        self._interpreter = interpreter
        self._built_layers = built_layers
        self._queues_address = queues_address
        self._emulator = emulator_binary()

    def start(self, function: Function) -> Emulator:
        """Start one emulator for a function."""
        port, runtime_port = free_ports(2)
        command = [
            str(self._emulator),
            "--log-level=warn",
            f"--runtime-interface-emulator-address=127.0.0.1:{port}",
            f"--runtime-api-address=127.0.0.1:{runtime_port}",
            str(self._interpreter),
            *("-m", "awslambdaric", function.handler),
        ]
        child = self._children.start(
            command,
            environment=self.environment(function),
            folder=function.folder,
            log=self._state.logs / f"{function.name}.log",
            stop_signal=signal.SIGTERM,
        )
        return Emulator(child, port, runtime_port)

    def stop_soon(self, child: "subprocess.Popen[bytes]") -> None:
        """Ask one emulator to end itself and its function; `bury` must follow."""
        self._children.ask_to_stop(child)

    def bury(self, child: "subprocess.Popen[bytes]") -> None:
        """Kill what is left of one emulator's session."""
        self._children.bury(child)

    def environment(self, function: Function) -> dict[str, str]:
        """Return the function's whole environment: the template's part and Lambda's own."""
        layers = [self._built_layers.get(layer, layer) for layer in function.layers]
        return {
            "PATH": _PATH,
            "HOME": str(self._state.home),  # an empty folder: no ~/.aws of the developer's is read
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": ":".join(str(layer) for layer in layers),
            "LAMBDA_TASK_ROOT": str(function.folder),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "AWS_ENDPOINT_URL_SQS": self._queues_address,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout_s),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": "JSON" if function.logs_json else "TEXT",
            **function.environment,
        }
