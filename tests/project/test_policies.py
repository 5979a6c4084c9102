"""Least privilege, reviewable: which kind of function may hold which policy, and nothing beyond.

A policy's name is a sentence. What a kind never needs, none of its functions may hold: a receiver that is open
to the internet cannot decrypt, and only a worker can take from a queue.
"""

from typing import Any

import pytest

from local.function_files import FunctionFile, read_functions
from local.intrinsics import read_yaml
from tests.support.tree import ROOT

RESOURCES: dict[str, Any] = read_yaml(ROOT / "template.yaml")["Resources"]
FUNCTIONS = read_functions()
POLICIES = {name for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::ManagedPolicy"}
CONSUMING = {name for name in POLICIES if name.startswith("MayConsume")}
ENQUEUEING = {name for name in POLICIES if name.startswith("MayEnqueue")}

MAY_HOLD = {
    "endpoint": {
        "MayDecryptCredentials",
        "MayStoreBlobs",
        "MayEnqueueMessages",
        "MayEnqueueChanges",
        "MayEnqueueRotations",
        "MayEnqueueMailboxes",
        "MayReadQueues",
        "MayCloseConnections",
    },
    "webhook": {"MayEnqueueWebhooks", "MayStoreBlobs"},
    "worker": POLICIES - {"MayEnqueueWebhooks"},
    "timer": {"MayStoreBlobs", *ENQUEUEING} - {"MayEnqueueWebhooks"},
    "socket": set(),
    "deployment": {"MayStoreBlobs", "MayEnqueueRotations"},
}
MAY_PUSH = {"RealtimeNotify"}
MAY_CLOSE = {"TeamUpdateMember"}
OWNERS = {"PlatformMigrate"}
MAY_REVEAL = {"IntegrationsGetCredentials"}
"""What only admins may look at, each time with an audit entry."""
MAY_EXAMINE = {"StatusGetDiagnostics"}
"""What asks every provider whether its account works, and shows nothing of what it asked with."""
MAY_LOG_IN = {"EmailSyncCompare"}
"""What looks at a mail server to show how much of it is stored, and shows nothing of what it logged in with."""

every_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.operation)


@every_function
def test_it_holds_named_policies_only(function: FunctionFile) -> None:
    """An inline statement is a permission that nobody reads."""
    listed = RESOURCES[function.logical_id]["Properties"].get("Policies", [])

    assert all(isinstance(policy, dict) and set(policy) == {"Ref"} for policy in listed)
    assert _policies(function) <= POLICIES


@every_function
def test_it_holds_nothing_that_its_kind_does_not_need(function: FunctionFile) -> None:
    """The table above is the review."""
    assert _policies(function) <= MAY_HOLD[function.kind]


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.kind == "worker"], ids=lambda f: f.operation)
def test_a_worker_consumes_its_own_queue_and_no_other(function: FunctionFile) -> None:
    """A worker that can drain another queue can lose its work."""
    queue = RESOURCES[f"{function.logical_id}Source"]["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
    (policy,) = _policies(function) & CONSUMING
    (statement,) = RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]

    assert statement["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}


@pytest.mark.parametrize(
    "function",
    [f for f in FUNCTIONS if f.kind == "endpoint" and f.routes[0].method == "GET"],
    ids=lambda f: f.operation,
)
def test_a_function_that_only_shows_holds_nothing_but_the_database(function: FunctionFile) -> None:
    """What agents may look at never includes a secret, so that no reading function needs a key."""
    opening = MAY_REVEAL | MAY_EXAMINE | MAY_LOG_IN
    decrypting = {"MayDecryptCredentials"} if function.logical_id in opening else set()
    measuring = {"MayReadQueues"} if function.logical_id in MAY_EXAMINE else set()

    assert _policies(function) <= {"MayStoreBlobs"} | decrypting | measuring


def test_only_the_pusher_may_push_frames_to_connections() -> None:
    """Whoever may push may also pretend to be the product towards every open browser."""
    pushers = {f.logical_id for f in FUNCTIONS if "MayPushFrames" in _policies(f)}

    assert pushers == MAY_PUSH


def test_only_who_revokes_access_may_close_connections() -> None:
    """A closed connection is noticed at once, but whoever closes all of them silences the team."""
    closers = {f.logical_id for f in FUNCTIONS if "MayCloseConnections" in _policies(f)}

    assert closers == MAY_CLOSE


def test_only_the_migration_knows_the_owners_password() -> None:
    """Row-level security binds banxway_app; it does not bind the owner."""
    holders = {
        name
        for name, each in RESOURCES.items()
        if "OWNER_DATABASE_URL" in each.get("Properties", {}).get("Environment", {}).get("Variables", {})
    }
    shared = read_yaml(ROOT / "template.yaml")["Globals"]["Function"]["Environment"]["Variables"]

    assert holders == OWNERS
    assert "OWNER_DATABASE_URL" not in shared


def test_every_policy_is_held_by_somebody() -> None:
    """An unused permission is one that somebody attaches later without thinking."""
    held = {policy for function in FUNCTIONS for policy in _policies(function)}

    assert held == POLICIES


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_policy_names_its_actions_and_its_resource(policy: str) -> None:
    """A star is every action, or every key, queue and bucket of the account."""
    for statement in RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]

        assert not [action for action in actions if "*" in action]
        assert statement["Resource"] != "*"


def _policies(function: FunctionFile) -> set[str]:
    listed = RESOURCES[function.logical_id]["Properties"].get("Policies", [])
    return {policy["Ref"] for policy in listed if isinstance(policy, dict) and "Ref" in policy}
