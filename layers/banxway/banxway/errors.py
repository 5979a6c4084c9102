"""Every error the product raises on purpose, as one tree.

    BanxwayError                     code, status, retryable, reason, details (safe to show)
     ├─ BadRequest              400  unreadable
     ├─ NotAuthenticated        401  details.reason says why
     │   └─ UnknownSubject      401  the token is genuine, and its subject is nobody's yet
     ├─ NotPermitted            403  names the role or permission
     ├─ NotFound                404  also for another organization's row
     ├─ Conflict                409
     │   ├─ NotConfigured       409  the organization has not set up that channel
     │   ├─ ChangedMeanwhile    409  somebody else changed the setting after the form was filled
     │   └─ ThreadMovedOn       409  a newer message has arrived that the sender has not seen
     ├─ TooLarge                413
     ├─ ValidationFailed        422  details.field names the field
     │   ├─ TemplateRequired    422  WhatsApp's 24-hour window is closed
     │   └─ HostRefused         422  an address that must not be dialled
     │       └─ HostNotFound    422  a name that does not exist
     ├─ RateLimited             429  retry_after_s
     ├─ DecryptionFailed        500  what is stored cannot be read; three causes, three sentences
     │   ├─ WrongKey                 made under another master key
     │   ├─ KeyMissing               no key is configured, or KMS does not know it
     │   └─ CorruptEnvelope          cut, altered, or moved to another row
     ├─ Unavailable             503  something of ours is down: database, queue, key service
     └─ ProviderError                provider, operation, provider_status, provider_message
         ├─ ProviderRejected    422  it answered no; not retryable
         │   ├─ ProviderDenied  422  it refused the credentials
         │   │   └─ WrongRegion 422 it lives in the provider's other region
         │   └─ ProviderBlocked 422  it stopped the whole account; nothing more may be tried
         ├─ ProviderThrottled   503  it took nothing; retryable after retry_after_s
         ├─ ProviderUnavailable 503  nothing was handed over; retryable
         ├─ ProviderTimeout     504  a question went unanswered; retryable, since asking changes nothing
         └─ OutcomeUnknown      502  a send was handed over and no answer proves its fate; never retried

    SettingsError                    outside the tree: a broken deployment must not look like a user's mistake

`status` is the HTTP status; only `entrypoints/http.py` reads it. `code` is the stable
word for its kind, and `reason` the stable word for what happened (reasons.py); a program acts on these two, never
on the sentence. `details` never contains a credential, a message body or an address.
"""

from typing import Any, ClassVar

from banxway.reasons import Reason


class BanxwayError(Exception):
    """Base of everything raised on purpose; catch it only where an entrypoint turns it into an answer."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, reason: Reason | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.details = details


class BadRequest(BanxwayError):
    """Raised when a request cannot be read at all. Send well-formed JSON."""

    code, status = "bad_request", 400


class NotAuthenticated(BanxwayError):
    """Raised when the caller is not signed in; details.reason says why. Sign in again."""

    code, status = "not_authenticated", 401


class UnknownSubject(NotAuthenticated):
    """Raised when no member has the token's subject. The first sign-in accepts an invitation, if there is one."""


class NotPermitted(BanxwayError):
    """Raised when the signed-in user's role does not allow the action. Ask an admin."""

    code, status = "not_permitted", 403


class NotFound(BanxwayError):
    """Raised when no such row is visible, whether absent or another organization's. Check the id."""

    code, status = "not_found", 404


class Conflict(BanxwayError):
    """Raised when the present state forbids the action. Read the state again, then decide."""

    code, status = "conflict", 409


class NotConfigured(Conflict):
    """Raised when the organization has not set up the channel. Configure the integration first."""

    code = "not_configured"


class ChangedMeanwhile(Conflict):
    """Raised when a setting is not the one that a change is based on. Read it again, then decide."""

    code = "changed_meanwhile"


class ThreadMovedOn(Conflict):
    """Raised when a thread has newer messages than its sender had seen. Read them, then send again."""

    code = "thread_moved_on"


class TooLarge(BanxwayError):
    """Raised when a body exceeds its limit; details.limit_bytes names it. Send less."""

    code, status = "too_large", 413


class ValidationFailed(BanxwayError):
    """Raised when a field breaks a rule; details.field names it. Correct that field."""

    code, status = "validation_failed", 422


class TemplateRequired(ValidationFailed):
    """Raised for free text outside WhatsApp's 24-hour window. Send an approved template."""

    code = "template_required"


class HostRefused(ValidationFailed):
    """Raised when a host resolves to an address that must not be dialled. Use a public mail host."""

    code = "host_refused"


class HostNotFound(HostRefused):
    """Raised when the name service knows no such host. Check its spelling at the mail provider."""

    code = "host_not_found"


class RateLimited(BanxwayError):
    """Raised when a caller exceeds a budget of ours. Wait details.retry_after_s seconds."""

    code, status, retryable = "rate_limited", 429, True


class DecryptionFailed(BanxwayError):
    """Base of the three ways in which stored ciphertext cannot be read; the subclass says what to do."""

    code, status = "decryption_failed", 500


class WrongKey(DecryptionFailed):
    """Raised when an envelope was made under another key. Restore the original encryption key."""

    code = "wrong_key"


class KeyMissing(DecryptionFailed):
    """Raised when the key is not configured or the key service refuses it. Configure or re-enable it."""

    code = "key_missing"


class CorruptEnvelope(DecryptionFailed):
    """Raised when an envelope was cut, altered or moved. Save the credentials again."""

    code = "corrupt_envelope"


class Unavailable(BanxwayError):
    """Raised when the database, a queue or the key service is down. Try again shortly."""

    code, status, retryable = "unavailable", 503, True


class ProviderError(BanxwayError):
    """Base of what providers do to us. Carries who, doing what, and the provider's own words."""

    code, status = "provider_error", 502

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        operation: str,
        provider_status: int | None = None,
        provider_code: str | None = None,
        provider_message: str | None = None,
        retry_after_s: float | None = None,
        reason: Reason | None = None,
        **details: Any,
    ) -> None:
        super().__init__(message, reason=reason, **details)
        self.provider = provider
        self.operation = operation
        self.provider_status = provider_status
        self.provider_code = provider_code
        self.provider_message = provider_message
        self.retry_after_s = retry_after_s


class ProviderRejected(ProviderError):
    """Raised when the provider refused the request. Change it; the same request fails again."""

    code, status = "provider_rejected", 422


class ProviderDenied(ProviderRejected):
    """Raised when the provider refused the credentials or the account. Check them at the provider."""

    code = "provider_denied"


class WrongRegion(ProviderDenied):
    """Raised when an account is in the provider's other region. Set `region` to that one."""

    code = "wrong_region"


class ProviderBlocked(ProviderRejected):
    """Raised when the provider stopped the whole account. Unblock it there before anything else is tried."""

    code = "provider_blocked"


class ProviderThrottled(ProviderError):
    """Raised when the provider refused because of load, and took nothing. Wait retry_after_s, then retry."""

    code, status, retryable = "provider_throttled", 503, True


class ProviderUnavailable(ProviderError):
    """Raised when no connection was made, so that nothing was handed over. Retry later."""

    code, status, retryable = "provider_unavailable", 503, True


class ProviderTimeout(ProviderError):
    """Raised when the provider did not answer a question; never for a send. Ask again."""

    code, status, retryable = "provider_timeout", 504, True


class OutcomeUnknown(ProviderError):
    """Raised when a send was handed over and its fate is unproven. Never retry; wait for evidence."""

    code, status = "outcome_unknown", 502


class SettingsError(Exception):
    """Raised when the deployment's environment is incomplete or contradictory. Names the variable."""

    def __init__(self, message: str, *, reason: Reason | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
