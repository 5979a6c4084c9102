"""The schema, as numbered SQL files; `migrator.py` applies them."""
