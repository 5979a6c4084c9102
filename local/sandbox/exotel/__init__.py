"""A simulated Exotel: behaves over HTTP as reference/exotel.md says; has a control API beside it."""
