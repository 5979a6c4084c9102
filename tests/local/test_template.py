"""Our reading of template.yaml, held against SAM CLI's own."""

from pathlib import Path

import pytest

from local.addresses import Addresses
from local.intrinsics import Unresolvable
from local.template import Template, read_template

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESSES = Addresses(api="http://127.0.0.1:8000", sqs="http://127.0.0.1:9000")


def read(path: Path, **parameters: str) -> Template:
    return read_template(path, parameters=parameters, addresses=ADDRESSES)


@pytest.fixture(scope="module")
def product() -> Template:
    return read(ROOT / "template.yaml", DatabaseUrl="postgresql://app", OwnerDatabaseUrl="postgresql://owner")


@pytest.fixture
def small(tmp_path):
    """Reads a small template: resources as text, in YAML."""

    def reading(resources: str, **parameters: str) -> Template:
        file = tmp_path / "template.yaml"
        file.write_text(f"Transform: AWS::Serverless-2016-10-31\n{resources}")
        return read(file, **parameters)

    return reading


@pytest.fixture(scope="module")
def stacks():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SAM CLI's own deprecations
        from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

        found, _ = SamLocalStackProvider.get_stacks(str(ROOT / "template.yaml"))
    return found


def test_routes_are_those_that_sam_cli_reads(product, stacks):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from samcli.lib.providers.api_provider import ApiProvider

        theirs = {
            (method, route.path, route.function_name)
            for route in ApiProvider(stacks).api.routes
            for method in route.methods
            if method != "OPTIONS"
        }

    assert {(route.method, route.path, route.function) for route in product.routes} == theirs


def test_functions_are_those_that_sam_cli_reads(product, stacks):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from samcli.lib.providers.sam_function_provider import SamFunctionProvider

        theirs = {each.name: each for each in SamFunctionProvider(stacks, use_raw_codeuri=True).get_all()}

    ours = product.functions
    assert ours.keys() == theirs.keys()
    for name, function in ours.items():
        assert function.handler == theirs[name].handler
        assert function.timeout_s == theirs[name].timeout
        assert function.memory_mb == theirs[name].memory
        assert function.folder == ROOT / theirs[name].codeuri
        assert function.environment.keys() == theirs[name].environment["Variables"].keys()


def test_every_function_has_its_folder(product):
    assert [name for name, each in product.functions.items() if not (each.folder / "app.py").exists()] == []


def test_addresses_on_aws_become_addresses_here(product):
    environment = product.functions["RealtimeNotify"].environment

    assert environment["WEBSOCKET_URL"] == "ws://127.0.0.1:8000/live"
    assert environment["WEBSOCKET_MANAGEMENT_URL"] == "http://127.0.0.1:8000/live"
    assert environment["WEBHOOK_QUEUE_URL"] == "http://127.0.0.1:9000/012345678912/WebhookQueue"


def test_the_key_service_and_the_bucket_are_left_out(product):
    environment = product.functions["IntegrationsConfigure"].environment

    assert environment["ENCRYPTION_KEY_ARN"] == ""
    assert environment["BLOB_BUCKET"] == ""


def test_only_what_a_deployer_starts_knows_the_owners_password(product):
    knowing = [
        name for name, each in product.functions.items() if "postgresql://owner" in each.environment.values()
    ]

    assert knowing == ["OrganizationsCreate", "PlatformMigrate"]
    assert list(product.migrations) == ["PlatformMigrate"]


def test_queues_carry_their_redrive_policy(product):
    queues = {queue.name: queue.attributes for queue in product.queues}

    assert '"maxReceiveCount": 30' in queues["WebhookQueue"]["RedrivePolicy"]
    assert ":DeadLetterQueue" in queues["WebhookQueue"]["RedrivePolicy"]


def test_globals_give_way_to_the_functions_own(small):
    template = small("""
Globals: {Function: {Handler: app.handler, Timeout: 5, Environment: {Variables: {A: "1", B: "2"}}}}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: one/, Timeout: 9, Environment: {Variables: {B: "3"}}}
""")

    assert template.functions["One"].timeout_s == 9
    assert template.functions["One"].environment == {"A": "1", "B": "3"}


def test_conditions_decide_what_is_there(small):
    text = """
Parameters: {Wanted: {Type: String, Default: "no"}}
Conditions:
  IsWanted: !Equals [!Ref Wanted, "yes"]
  IsNot: !Not [!Condition IsWanted]
Globals: {Function: {Handler: app.handler}}
Resources:
  One: {Type: AWS::Serverless::Function, Condition: IsWanted, Properties: {CodeUri: one/}}
  Two:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: two/, Environment: {Variables: {SAYS: !If [IsNot, "not", !Ref Wanted]}}}
"""

    without, present = small(text), small(text, Wanted="yes")

    assert without.functions.keys() == {"Two"}
    assert without.functions["Two"].environment == {"SAYS": "not"}
    assert present.functions.keys() == {"One", "Two"}
    assert present.functions["Two"].environment == {"SAYS": "yes"}


@pytest.mark.parametrize(
    "value",
    ["!Ref Nobody", "!Sub '${Nobody}'", "!ImportValue x", "!Select [0, [a]]"],
)
def test_what_cannot_be_resolved_is_refused_by_name(small, value):
    with pytest.raises(Unresolvable, match=r"Nobody|ImportValue|Select"):
        small(f"""
Globals: {{Function: {{Handler: app.handler}}}}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: one/, Environment: {{Variables: {{A: {value}}}}}}}
""")


def test_an_event_that_nobody_would_start_is_refused(small):
    with pytest.raises(Unresolvable, match="SNS"):
        small("""
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: one/, Handler: a.b, Events: {E: {Type: SNS, Properties: {Topic: x}}}}
""")
