"""Shapes of what comes in, goes out and is handed on: pydantic models and frozen dataclasses."""
