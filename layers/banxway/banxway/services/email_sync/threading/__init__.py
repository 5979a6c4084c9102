"""Decides which thread a mail joins: subjects and nodes, the links between them, groups, and the assignment."""
