"""A durable SQS for one machine: the dozen calls that the bundle makes, over SQLite."""
