"""Exotel: one file for each capability, over one client that never repeats what may have been done."""
