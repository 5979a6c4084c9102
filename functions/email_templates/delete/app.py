"""DELETE /api/v1/settings/email-templates/{template_id}: remove a mail template; what was sent with it stays."""

from banxway.entrypoints.http import App, Reply, Request, endpoint


@endpoint(permission="email_templates:configure")
def handler(request: Request, app: App) -> Reply[None]:
    template_id = request.path.uuid("template_id")
    app.email_templates.templates.delete(actor=request.actor, template_id=template_id)
    return Reply(None, message="Email template removed")
