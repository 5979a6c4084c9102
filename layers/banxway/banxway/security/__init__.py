"""Encryption, signatures, sessions, permissions, vetting of hosts, and masking of what must not be logged."""
