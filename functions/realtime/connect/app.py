"""$connect: open a WebSocket with a single-use ticket."""

from banxway.entrypoints.socket import App, Connection, socket


@socket
def handler(connection: Connection, app: App) -> None:
    app.realtime.connect(connection_id=connection.id, ticket=connection.ticket, origin=connection.origin)
