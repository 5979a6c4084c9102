"""A simulated Exotel: what reference/exotel.md says, played back over HTTP, and a control API beside it."""
