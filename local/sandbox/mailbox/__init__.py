"""A sandbox mail server in Zoho's manner: SMTP in and out, IMAP, and customers' inboxes to look into."""
