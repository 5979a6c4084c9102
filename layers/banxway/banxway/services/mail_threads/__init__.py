"""Which mails belong together: pure functions of the mails themselves, whatever order they arrive in."""
