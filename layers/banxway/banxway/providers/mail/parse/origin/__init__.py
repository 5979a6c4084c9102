"""Tells who made a mail: a person, a machine, a list, a bounce; and what the server proved of its sender."""
