"""A sandbox mail server that behaves as Zoho's: SMTP in and out, IMAP, and customers' inboxes to read."""
