"""Exotel: one file for each capability, over one client that never sends again what may have been accepted."""
