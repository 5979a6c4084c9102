"""python -m local.sandbox --state DIR: the sandbox alone, for tests and benchmarks.

Prints one line of JSON with every address and stops on SIGTERM or SIGINT. Its JSON API is at EXOTEL_URL/_sandbox/;
the page on which a person plays the customer belongs to the console, so that only `make run` shows it.
"""

import argparse
import json
import signal
import threading
from pathlib import Path

from local.sandbox.service import start


def main() -> None:
    """Run until a signal comes."""
    parser = argparse.ArgumentParser(
        prog="python -m local.sandbox",
        description="A simulated Exotel and mail server, with a JSON API at EXOTEL_URL/_sandbox/ and without a page.",
    )
    parser.add_argument("--state", type=Path, required=True, help="folder for mail, ports and certificates")
    parser.add_argument(
        "--webhook-base-url", default="http://127.0.0.1:8000", help="where the product listens"
    )
    options = parser.parse_args()
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    sandbox = start(options.state, webhook_base_url=options.webhook_base_url)
    print(json.dumps(sandbox.addresses()), flush=True)
    stopped.wait()
    sandbox.stop()


if __name__ == "__main__":
    main()
