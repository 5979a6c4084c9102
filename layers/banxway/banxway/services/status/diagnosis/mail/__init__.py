"""Diagnoses mailboxes: their logins, the causes of refusals, and late polls."""
