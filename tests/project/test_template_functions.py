"""What template.yaml gives functions: time, memory, settings and layers, each against what the code needs.

The tables are what was decided; the tests beside them are why less would be wrong.
"""

from typing import Any

from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import (
    deployed,
    expanded,
    folder_of,
    functions,
    logical_queue,
    of,
    resources,
    schedules,
    socket_routes,
    template,
)
from tests.support.gates.tree import ROOT, function_files

API_GATEWAY_WAITS_S = 30
USUAL_TIMEOUT_S = 29
USUAL_MEMORY_MB = 512
TIMEOUTS_S = {
    "IntegrationsMaintain": 60,
    "PhoneNumbersEnqueueSync": 300,
    "EmailAccountsPollNow": 30,
    "EmailSyncEnqueueDue": 50,
    "EmailSyncPollMailboxes": 60,
    "EmailSyncHoldIdle": 900,
    "EmailSyncCompare": 30,
    "EmailRulesDryRun": 20,
    "MessagesDeliver": 300,
    "MessagesDeliverMail": 180,
    "AuditArchive": 300,
    "WebhooksApplyCallback": 60,
    "RealtimeNotify": 30,
    "MaintenanceSweep": 50,
    "MaintenanceEnqueueVerification": 300,
    "MaintenanceReview": 300,
    "MaintenanceWatchInbound": 300,
    "MaintenanceRotateEncryption": 30,
    "PlatformMigrate": 300,
    "PlatformRotateKeys": 300,
}
MEMORY_MB = {
    # Lambda gives processor by memory; the last is one whole processor.
    "EmailRulesDryRun": 1024,
    "AuditExport": 1024,
    "AuditVerify": 1769,
    # Attachments take several times their size.
    "MessagesDeliver": 1024,
    "MessagesDeliverMail": 1024,
}
COLD_START_S = 30
OWN_LAYERS = {"PlatformMigrate": [{"Ref": "DependenciesLayer"}, {"Ref": "MigratorLayer"}]}
OWN_SETTINGS = {
    "PlatformMigrate": {"OWNER_DATABASE_URL": {"Ref": "OwnerDatabaseUrl"}},
    "OrganizationsCreate": {"OWNER_DATABASE_URL": {"Ref": "OwnerDatabaseUrl"}},
}
POOL = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"
SETTINGS_OF_RESOURCES = {
    "POWERTOOLS_SERVICE_NAME": "banxway",
    # Exactly one of secret and JWKS address is set, whatever was given as parameters.
    "JWT_SECRET": {"Fn::If": ["HasUserPool", "", {"Ref": "JwtSecret"}]},
    "JWT_JWKS_URL": {
        "Fn::If": ["HasUserPool", {"Fn::Sub": f"{POOL}/.well-known/jwks.json"}, {"Ref": "JwtJwksUrl"}]
    },
    "JWT_ISSUER": {"Fn::If": ["HasUserPool", {"Fn::Sub": POOL}, {"Ref": "JwtIssuer"}]},
    "JWT_AUDIENCE": {"Fn::If": ["HasUserPool", {"Ref": "UserPoolClient"}, {"Ref": "JwtAudience"}]},
    "COGNITO_USER_POOL_ID": {"Fn::If": ["HasUserPool", {"Ref": "UserPool"}, ""]},
    "ENCRYPTION_KEY_ARN": {"Fn::GetAtt": ["CredentialsKey", "Arn"]},
    "BLOB_BUCKET": {"Ref": "BlobBucket"},
    "WEBSOCKET_URL": {"Fn::Sub": "wss://${RealtimeApi}.execute-api.${AWS::Region}.amazonaws.com/live"},
    "WEBSOCKET_MANAGEMENT_URL": {
        "Fn::Sub": "https://${RealtimeApi}.execute-api.${AWS::Region}.amazonaws.com/live"
    },
}
"""The settings that name something of this stack. All others are a queue's URL, or the parameter of their name."""

DEFAULT_IS_ENOUGH = {"AWS_LAMBDA_FUNCTION_NAME": "Lambda sets it", "SEND_WAIT_SECONDS": "four seconds"}
RUNTIME, PROCESSOR = "python3.13", "arm64"


@rule
def test_a_function_may_take_what_the_table_says() -> Sentences:
    for name, properties in deployed().items():
        wanted_s, wanted_mb = TIMEOUTS_S.get(name, USUAL_TIMEOUT_S), MEMORY_MB.get(name, USUAL_MEMORY_MB)
        yield from differences(f"{name}.Timeout", properties.get("Timeout"), wanted_s)
        yield from differences(f"{name}.MemorySize", properties.get("MemorySize"), wanted_mb)
    for name in sorted({*TIMEOUTS_S, *MEMORY_MB} - set(deployed())):
        yield f"{name} is in a table, and not in template.yaml"


@rule
def test_a_function_may_take_as_long_as_its_code_does() -> Sentences:
    """What is stopped in the middle is done twice, or is neither known to be done nor not to be."""
    for name, (needed_s, why) in _needed_s().items():
        timeout_s = deployed().get(name, {}).get("Timeout", 0)
        if timeout_s < needed_s:
            yield f"{name} may take {timeout_s} s, and needs {needed_s:g}: {why}"


@rule
def test_a_worker_has_time_for_what_it_says_that_one_item_may_need() -> Sentences:
    """With less, it would return every item untried. The rest is for a cold start."""
    for each in functions():
        needed_s = getattr(each.handler, "needs_s", 0)
        timeout_s = deployed().get(each.logical_id, {}).get("Timeout", 0)
        if needed_s and timeout_s < needed_s + COLD_START_S:
            yield f"{each.logical_id} may take {timeout_s} s, and one item may need {needed_s:g} s"


@rule
def test_what_hands_messages_over_takes_none_that_it_may_not_finish() -> Sentences:
    """What is stopped in the middle of a hand-over is unknown, and waits for a person."""
    from banxway.models.channels import CHANNELS
    from banxway.models.messages.delivering import LONGEST_HAND_OVER_S

    for each in functions():
        if (
            getattr(each.handler, "worker", None) in {traits.due_item for traits in CHANNELS.values()}
            and each.handler.needs_s < LONGEST_HAND_OVER_S
        ):
            yield f"{each.logical_id} says that an item needs {each.handler.needs_s:g} s"


@rule
def test_a_mailboxs_lease_outlasts_a_poller_that_was_stopped_and_not_by_much() -> Sentences:
    """Shorter, and two poll one mailbox at once; longer, and nobody polls it after a crash."""
    from banxway.services.email_sync.lease import LEASE_S

    timeout_s = deployed().get("EmailSyncPollMailboxes", {}).get("Timeout", 0)
    if not timeout_s < LEASE_S <= 2 * timeout_s:
        yield f"a lease lasts {LEASE_S} s, and EmailSyncPollMailboxes may take {timeout_s} s"


@rule
def test_nothing_behind_an_api_may_outlast_its_thirty_seconds() -> Sentences:
    """API Gateway hangs up then; a function that goes on works for nobody."""
    for each in functions():
        timeout_s = deployed().get(each.logical_id, {}).get("Timeout", 0)
        is_asked = each.routes or each.logical_id in socket_routes().values()
        if is_asked and timeout_s > API_GATEWAY_WAITS_S:
            yield f"{each.logical_id} may take {timeout_s} s, and API Gateway waits {API_GATEWAY_WAITS_S}"


@rule
def test_a_tick_is_over_before_the_next_one() -> Sentences:
    """Two at once would do the same work."""
    for name in deployed():
        for each in schedules(name):
            if (
                each.get("ScheduleExpression") == "rate(1 minute)"
                and deployed()[name].get("Timeout", 0) >= 60
            ):
                yield f"{name} runs every minute, and may take {deployed()[name]['Timeout']} s"


@rule
def test_a_function_has_no_property_that_nobody_reviewed() -> Sentences:
    """A URL of its own, an alias, a network or another runtime would be a decision."""
    usual = {"Description", "CodeUri", "Timeout", "MemorySize", "Role", "Events", "RecursiveLoop"}
    for name, properties in of("Serverless::Function").items():
        own = {"Layers"} if name in OWN_LAYERS else set()
        own |= {"Environment"} if name in OWN_SETTINGS else set()
        for each in sorted(set(properties) - usual - own):
            yield f"{name} has {each}, which no test looks at"
        for each in sorted(own - set(properties)):
            yield f"{name} has no {each}"


@rule
def test_every_event_of_a_function_is_a_route_or_a_schedule_in_full() -> Sentences:
    """A route of another API, or one with settings of its own, would be open in a way that no test has seen."""
    for name, properties in of("Serverless::Function").items():
        for event, found in properties.get("Events", {}).items():
            said = found.get("Properties", {})
            if found.get("Type") == "HttpApi":
                wanted = {"ApiId": {"Ref": "Api"}, "Method": said.get("Method"), "Path": said.get("Path")}
                yield from differences(f"{name}.{event}", said, wanted)
            elif found.get("Type") != "ScheduleV2":
                yield f"{name}.{event} is of the kind {found.get('Type')}, which no test looks at"
            if set(found) != {"Type", "Properties"}:
                yield f"{name}.{event} has {sorted(found)}, and should have a kind and properties"


@rule
def test_what_all_functions_have_in_common_is_what_was_decided() -> Sentences:
    """Traces, logs in JSON in the one group that forgets, and the runtime that the layers are built for."""
    shared = dict(template().get("Globals", {}).get("Function", {}))
    shared.pop("Environment", None)
    wanted = {
        "Runtime": RUNTIME,
        "Architectures": [PROCESSOR],
        "Handler": "app.handler",
        "MemorySize": USUAL_MEMORY_MB,
        "Timeout": USUAL_TIMEOUT_S,
        "Layers": [{"Ref": "DependenciesLayer"}, {"Ref": "BanxwayLayer"}],
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": "LogGroup"}},
        "Tracing": "Active",
    }
    yield from differences("Globals.Function", shared, wanted)
    if set(template().get("Globals", {})) != {"Function"}:
        yield f"Globals are about {sorted(template().get('Globals', {}))}, and should be about functions alone"


@rule
def test_only_the_migrator_does_without_what_is_common() -> Sentences:
    for name, resource in resources().items():
        wanted = ["Layers"] if name == "PlatformMigrate" else None
        if resource.get("IgnoreGlobals") != wanted:
            yield f"{name} ignores {resource.get('IgnoreGlobals')}, and should ignore {wanted}"
    for name, layers in OWN_LAYERS.items():
        found = of("Serverless::Function").get(name, {}).get("Layers")
        yield from differences(f"{name}.Layers", found, layers)


@rule
def test_a_layer_fits_the_functions_and_is_built_from_its_folder() -> Sentences:
    """A library compiled for another processor or Python fails at its first import."""
    folders = {
        "DependenciesLayer": "layers/dependencies/",
        "MigratorLayer": "layers/banxway/",
        "BanxwayLayer": "layers/banxway/",
    }
    found = of("Serverless::LayerVersion")
    for name, folder in folders.items():
        said = {key: value for key, value in found.get(name, {}).items() if key != "Description"}
        wanted = {
            "ContentUri": folder,
            "CompatibleRuntimes": [RUNTIME],
            "CompatibleArchitectures": [PROCESSOR],
            "RetentionPolicy": "Delete",
        }
        yield from differences(name, said, wanted)
        built = resources().get(name, {}).get("Metadata")
        yield from differences(
            f"{name}.Metadata", built, {"BuildMethod": "makefile", "BuildArchitecture": PROCESSOR}
        )
        if not (ROOT / folder / "Makefile").is_file():
            yield f"{folder} has no Makefile to build {name}"
    for name in sorted(set(found) - set(folders)):
        yield f"{name} is a layer that no test looks at"


@rule
def test_no_function_but_the_migrator_is_deployed_before_the_schema_is() -> Sentences:
    """New code that meets an old schema fails for everybody until the migrations have run."""
    migration = resources().get("Migration", {})
    wanted = {
        "ServiceToken": {"Fn::GetAtt": ["PlatformMigrate", "Arn"]},
        "ServiceTimeout": TIMEOUTS_S["PlatformMigrate"],
        # Another release has another layer, and so the migration runs again.
        "Release": {"Ref": "MigratorLayer"},
    }
    yield from differences("Migration", migration.get("Properties"), wanted)
    products = [name for name in expanded()["Resources"] if name.startswith("BanxwayLayer")]
    for name in products:
        if expanded()["Resources"][name].get("DependsOn") != "Migration":
            yield f"{name} does not wait for the Migration"
    for name, each in expanded()["Resources"].items():
        layers = each["Properties"].get("Layers", []) if each["Type"] == "AWS::Lambda::Function" else None
        waits = layers is not None and any(layer.get("Ref") in products for layer in layers)
        if layers is not None and waits == (name == "PlatformMigrate"):
            yield f"{name} {'waits' if waits else 'does not wait'} for the layer that waits for the Migration"


@rule
def test_a_setting_is_given_what_its_name_says() -> Sentences:
    """A variable that refers to its neighbour's parameter is found by nobody but the customer."""
    parameters = {name.lower(): name for name in template().get("Parameters", {})}
    for name, value in _variables().items():
        meant = parameters.get(name.replace("_", "").lower())
        if name in SETTINGS_OF_RESOURCES:
            wanted: Any = SETTINGS_OF_RESOURCES[name]
        elif name.endswith("_QUEUE_URL"):
            wanted = {"Ref": logical_queue(name.removesuffix("_QUEUE_URL").lower())}
        else:
            wanted = {"Ref": meant}
        yield from differences(name, value, wanted)
    for name in sorted(set(SETTINGS_OF_RESOURCES) - set(_variables())):
        yield f"{name} is not given"


@rule
def test_every_setting_is_given_and_no_unknown_one() -> Sentences:
    """A variable that only one side knows is a setting that silently does nothing."""
    from dataclasses import fields

    from banxway.models.queue_items import queues
    from banxway.settings import Settings

    declared = [each.metadata for each in fields(Settings) if each.name != "queue_urls"]
    known = {name for each in declared for name in (each["variable"], each["also"]) if name}
    known |= {f"{queue.upper()}_QUEUE_URL" for queue in queues()}
    given = {*_variables(), *(name for own in OWN_SETTINGS.values() for name in own)}
    for name in sorted(known - given - set(DEFAULT_IS_ENOUGH)):
        yield f"{name} is a setting that no function is given"
    for name in sorted({each for each in given if not each.startswith("POWERTOOLS_")} - known):
        yield f"{name} is given, and nothing reads it"
    for name in sorted(set(DEFAULT_IS_ENOUGH) & given):
        yield f"{name} is given, although {DEFAULT_IS_ENOUGH[name]}"
    for name, wanted in OWN_SETTINGS.items():
        found = of("Serverless::Function").get(name, {}).get("Environment")
        yield from differences(f"{name}.Environment", found, {"Variables": wanted})


@rule
def test_a_function_is_built_from_a_folder_that_is_there() -> Sentences:
    folders = {f"{file.parent.parent.name}/{file.parent.name}" for file in function_files()}
    for name, properties in of("Serverless::Function").items():
        if folder_of(properties) not in folders:
            yield f"{name} is built from {properties.get('CodeUri')}, where there is no app.py"


def _needed_s() -> dict[str, tuple[float, str]]:
    """Return how long functions take at worst, by the limits that their own code keeps."""
    from banxway.services.audit import archive as audit_archive
    from banxway.services.audit import verification as audit_verification
    from banxway.services.email_rules import dry_run as rule_trials
    from banxway.services.email_sync import idle, sync
    from banxway.services.maintenance import rotation

    held_s = idle.HELD_S + idle.SLICE_S + idle._BUDGET_S
    return {
        "EmailSyncPollMailboxes": (sync._WORKER_S + 15, "a batch of mails is finished that began in time"),
        "EmailSyncHoldIdle": (held_s + 15, "a poll may begin when the time for holding is nearly over"),
        "EmailAccountsPollNow": (8 + sync._ENDPOINT_S, "it waits for another poller before it polls"),
        "EmailRulesDryRun": (rule_trials._LONGEST_S + 10, "the mails have to be fetched and shown, too"),
        "AuditVerify": (audit_verification._BUDGET_S + 2, "its answer has to be written, too"),
        "AuditArchive": (audit_archive._BUDGET_S + 30, "a file that was begun is finished"),
        "MaintenanceRotateEncryption": (rotation._BUDGET_S + 10, "a batch of large blobs still fits"),
    }


def _variables() -> dict[str, Any]:
    shared = template().get("Globals", {}).get("Function", {})
    found: dict[str, Any] = shared.get("Environment", {}).get("Variables", {})
    return found
