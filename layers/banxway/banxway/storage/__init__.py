"""Postgres, blobs and queues: rows come out typed, and no SQL lives elsewhere."""
