"""Runs functions in processes of their own, through AWS's runtime interface client and emulator."""
