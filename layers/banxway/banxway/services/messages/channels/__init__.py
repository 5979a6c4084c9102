"""What differs between the ways to reach a customer: one object per channel, behind the protocol in `base`.

`email` sends by a mailbox's SMTP server, `whatsapp` by Exotel. docs/adding-a-channel.md says how to add one.
"""
