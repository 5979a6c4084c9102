"""GET /display/{token}: show one message as a page that runs no scripts, to anyone who has its link.

Served under a Content-Security-Policy of its own, which only the console may frame.
"""

from banxway.entrypoints.http import App, HtmlPage, Request, endpoint


@endpoint(public=True)
def handler(request: Request, app: App) -> HtmlPage:
    shown = app.messages.display.show(token=request.path.text("token"))
    return HtmlPage(shown.content, content_security_policy=shown.content_security_policy)
