"""Access to the API: what `make doctor` sees from outside, and who may do what (the guide's issue 7)."""

from banxway.services.status.diagnosis.causes import Cause

CAUSES = (
    Cause(
        code="api_unreachable",
        area="access",
        symptom="No answer at all: connection refused, timeout, or a host that is not found",
        cause="The API is not running, or the address is wrong",
        fix="Start it (`make run`), or give the right address: `make doctor URL=https://…`",
        hides=("*",),
        everywhere=True,
    ),
    Cause(
        code="api_not_ours",
        area="access",
        symptom="Something answers, but not as this API does",
        cause="The address leads to another server, or to a proxy in front of ours",
        fix="Give the address of the API itself, without a path: `make doctor URL=https://…`",
        hides=("*",),
        everywhere=True,
    ),
    Cause(
        code="diagnosis_failed",
        area="access",
        symptom="The API answers, but its diagnosis does not",
        cause="A fault while it was made, or a time-out on the way",
        fix="Ask again; if it stays, look for the request id in the log of the function status/get_diagnostics",
    ),
    Cause(
        code="session_expired",
        area="access",
        issue=7,
        symptom="Logged in but getting 401 errors: Session expired",
        cause="JWT token expired: sessions last 24 hours unless the sign-in service says otherwise",
        fix="Logout and login again; the frontend should refresh the token automatically",
    ),
    Cause(
        code="token_wrong_environment",
        area="access",
        issue=7,
        symptom="401: Invalid token signature, issuer or audience",
        cause="Token from a different environment, such as a production token on a development server",
        fix="Login to the correct environment, or correct JWT_SECRET, JWT_ISSUER and JWT_AUDIENCE of this one",
    ),
    Cause(
        code="authorization_header",
        area="access",
        issue=7,
        symptom="401: Authorization header missing, or not of the form 'Bearer <token>'",
        cause="Wrong Authorization header",
        fix='Send `Authorization: Bearer {token}`: ensure the "Bearer " prefix is included',
    ),
    Cause(
        code="token_unreadable",
        area="access",
        issue=7,
        symptom="401: Invalid token, and nothing about its signature, issuer or audience",
        cause="What was sent is not a session token, or was cut when it was copied",
        fix="Copy the whole token again, without spaces or line breaks, or login again",
    ),
    Cause(
        code="not_invited",
        area="access",
        issue=7,
        symptom="401: You are not a member yet, and nobody has invited you",
        cause="The token is genuine, but its subject is no member's, and its address has no open invitation",
        fix="Let an admin invite the address: POST /api/v1/settings/team; the first admin of an organization is "
        "invited by `make organization NAME=… ADMIN=…`; or login to the correct environment",
    ),
    Cause(
        code="address_not_proven",
        area="access",
        issue=7,
        symptom="401: no e-mail address in the token, or one that is not verified",
        cause="Only a verified address accepts an invitation: the token needs `email` and `email_verified`",
        fix="Verify the address with the sign-in service, or let the service put both claims into its tokens (of "
        "Cognito, send the ID token, not the access token); then login again",
    ),
    Cause(
        code="invitation_expired",
        area="access",
        issue=7,
        symptom="401: Your invitation has expired",
        cause="An invitation is open for seven days",
        fix="Let an admin send it again: POST /api/v1/settings/team/{user_id}/resend; that of an organization's "
        "first admin is sent again by the same `make organization NAME=… ADMIN=…`",
    ),
    Cause(
        code="several_invitations",
        area="access",
        issue=7,
        symptom="401: more than one organization has invited you",
        cause="A person is a member of one organization, and none is chosen for them",
        fix="Let the admins of all organizations but one revoke it: DELETE /api/v1/settings/team/{user_id}; or "
        "invite different addresses",
    ),
    Cause(
        code="user_deactivated",
        area="access",
        issue=7,
        symptom="401: Your access was ended",
        cause="An admin has deactivated the user",
        fix='Let an admin activate the user: PATCH /api/v1/settings/team/{user_id} with {"is_active": true}',
    ),
    Cause(
        code="role_missing",
        area="access",
        issue=7,
        symptom="403: User does not have the role",
        cause="Insufficient permissions: the user's role in the database does not allow it",
        fix="Let an admin change the role under /settings/team; the diagnosis itself needs manager or admin",
    ),
    Cause(
        code="no_active_admin",
        area="access",
        issue=7,
        symptom="No user can change any setting",
        cause="No active user of the organization has the role admin",
        fix="Update a user's role to admin: `make sql ORGANIZATION=… QUERY=\"UPDATE users SET role = 'admin', "
        "is_active = true WHERE email = '…'\"`; `make sql` alone lists the organizations",
    ),
    Cause(
        code="user_without_permission",
        area="access",
        issue=10,
        severity="warning",
        symptom="403 when sending, although the channel works for others",
        cause="No admin has decided yet whether these users may use the channel; without a decision they may not",
        fix="Grant or deny it: POST /api/v1/settings/integrations/{type}/permissions",
    ),
)
