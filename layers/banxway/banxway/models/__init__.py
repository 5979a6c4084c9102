"""Shapes of requests, answers, queue items and provider data: pydantic models and frozen dataclasses."""
