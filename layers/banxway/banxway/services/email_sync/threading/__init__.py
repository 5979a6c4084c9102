"""Decides which thread a mail belongs to: subjects and nodes in, links between them, groups, and a place."""
