"""What differs between channels: one object for each behind one protocol."""
