"""Mail over SMTP and IMAP: clients, and everything that reads or writes a mail."""
