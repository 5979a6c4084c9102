"""Opens Outlook's own containers: TNEF, MAPI properties and compressed RTF."""
