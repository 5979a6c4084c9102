"""$disconnect: forget a WebSocket that was closed."""

from banxway.entrypoints.socket import App, Connection, socket


@socket
def handler(connection: Connection, app: App) -> None:
    app.realtime.disconnect(connection_id=connection.id)
