"""An IMAP4rev1 server: the subset that the product and similar clients use, with the capabilities of Zoho."""
