"""The front door: an HTTP API and a WebSocket API that behave as API Gateway's."""
