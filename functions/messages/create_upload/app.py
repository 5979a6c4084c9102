"""POST /api/v1/communications/uploads: announce a file to attach, and get the address to send it to.

At most 20 MB. Send the file by `method` to `url` with `headers`, then name `upload_id` in a message's `attachments`
or `inline` within a day.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.messages.uploads import NewUpload, Upload


@endpoint(permission="messages:send", body=NewUpload)
def handler(request: Request, app: App) -> Reply[Upload]:
    return Reply(app.messages.uploads.create(actor=request.actor, upload=request.body), status=201)
