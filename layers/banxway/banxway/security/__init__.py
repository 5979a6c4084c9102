"""Encryption, signatures, sessions, permissions, and what must not be logged."""
