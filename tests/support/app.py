"""The whole product in one process: a real database and queues, the real parsers, fakes where providers would be.

A Bundle holds one App, as one Lambda process does, and invokes functions with the events that Lambda would
give them. Routes are looked up in template.yaml, so that a test asks for a path as a browser does.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest

from banxway import app as wiring
from banxway.app import App
from banxway.entrypoints import deployment, http, socket, timer, webhook, worker
from banxway.settings import Settings
from banxway.storage.queues import Queues
from tests.support.events import http_event, queue_event, token_of
from tests.support.fakes import FakeFrames, FakeProviders
from tests.support.postgres import TestDatabase
from tests.support.routes import ROUTES, SOURCES, Route

JWT_SECRET = "only tests sign sessions with this sentence"
JWT_ISSUER, JWT_AUDIENCE = "https://issuer.test", "authenticated"
WEBHOOK_SECRET = "only tests sign callback references with this sentence"
MASTER_KEY = "a" * 43 + "="
WEBSOCKET_URL = "wss://live.test/live"
QUEUES = ("webhook", "message", "mailbox", "change")

_ENTRYPOINTS = (deployment, http, socket, timer, webhook, worker)
_serving: ContextVar[App] = ContextVar("serving")
