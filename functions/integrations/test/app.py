"""POST /api/v1/settings/integrations/{type}/test: test credentials without saving them, or the stored ones.

Without a body the stored credentials are tested: they become verified at once if they work, and unverified if the
provider refuses them.
"""

from banxway.entrypoints.http import App, ByPath, Reply, Request, endpoint
from banxway.models.integrations.checks import (
    EmailAccountCheck,
    PhoneAccountCheck,
    SmsAccountCheck,
    WhatsAppAccountCheck,
)
from banxway.models.integrations.configurations import CREDENTIALS_BY_TYPE
from banxway.models.integrations.integrations import TEST_MESSAGES


@endpoint(
    permission="integrations:configure",
    body=ByPath("type", CREDENTIALS_BY_TYPE, may_be_empty=True),
    notifies=True,
)
def handler(
    request: Request, app: App
) -> Reply[PhoneAccountCheck | WhatsAppAccountCheck | SmsAccountCheck | EmailAccountCheck]:
    integration_type = request.path.text("type")
    check = app.integrations.stored_tests.run(
        actor=request.actor, integration_type=integration_type, typed=request.body
    )
    return Reply(check, message=TEST_MESSAGES[integration_type])
