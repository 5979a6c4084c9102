"""WhatsApp as a channel: texts inside the 24-hour window, templates, and customers' messages."""
