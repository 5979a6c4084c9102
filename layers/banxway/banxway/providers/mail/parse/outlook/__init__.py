"""Parses Outlook's own formats: TNEF (winmail.dat), MAPI properties and compressed RTF."""
