"""What the product must know to speak to a provider; decrypted only for the length of a call."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExotelAccount:
    """One Exotel account: key and token are HTTP Basic's user and password (reference/exotel.md, 1.1).

    `base_url` has no trailing slash, such as https://api.exotel.com (Singapore) or
    https://api.in.exotel.com (Mumbai); the region is fixed per account.
    """

    account_sid: str
    api_key: str = field(repr=False)
    api_token: str = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where and as whom to log in, for SMTP or IMAP.

    `tls` is "implicit" (TLS from the first byte: 465, 993) or "starttls" (587, 143); there is no plain mode.
    """

    host: str
    port: int
    tls: str
    username: str
    password: str = field(repr=False)
