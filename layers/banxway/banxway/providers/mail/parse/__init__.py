"""Parses a mail's bytes: never raises, stays within limits, and lists what could not be read in `problems`.

parser.py       parses bytes into a ParsedMail
limits.py       how much of one mail is parsed
headers.py      finds and parses header blocks
mime.py         splits a mail into its parts
tolerant.py     splits a damaged mail
part.py         the node of the tree that both make
parameters.py   `value; name=value` headers
transfer.py     base64, quoted-printable and uuencode
charsets/       bytes into text
message_ids.py  Message-ID, In-Reply-To and References
addresses.py    address headers
dates.py        dates
origin/         who made the mail, bounces and authentication
bodies.py       collects text, HTML and attachments
plain_forms.py  format=flowed and enriched text
calendar.py     invitations
signed.py       mails inside S/MIME signatures
outlook/        winmail.dat
files.py        attachments, and which are shown inline
replies/        splits reply, quote and signature
"""

OFFERS = ("parser",)
"""The modules that other areas may import."""

TOUCHES = ("html",)
"""The areas of its layer that it imports."""
