"""E-mail as a channel: composing, handing over by SMTP, signatures, the mailbox's limits and its suspension."""
