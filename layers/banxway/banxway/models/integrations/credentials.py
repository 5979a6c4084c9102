"""What the product needs to connect to a provider; it is decrypted only for the duration of a call."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExotelAccount:
    """One Exotel account; key and token are the user and password of HTTP Basic (reference/exotel.md, 1.1).

    `base_url` has no trailing slash, such as https://api.exotel.com (Singapore) or
    https://api.in.exotel.com (Mumbai); the region is fixed per account.
    """

    account_sid: str
    api_key: str = field(repr=False)
    api_token: str = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server and the login for SMTP or IMAP.

    `tls` is "implicit" (TLS from the first byte: 465, 993) or "starttls" (587, 143); there is no plain mode.
    """

    host: str
    port: int
    tls: str
    username: str
    password: str = field(repr=False)
