"""An IMAP4rev1 server of the subset that mail clients of our kind use, announcing what Zoho announces."""
