"""The setup guide's commands and what to type instead: a table of docs/troubleshooting.md."""

_SQL = "`DATABASE_URL=…` in the environment ([operations.md](operations.md#looking-at-rows))"
ROWS = (
    (
        "`node migrate-all.js`",
        "`make migrate`; `make run` does it too",
        "`OWNER_DATABASE_URL=…` in the environment",
    ),
    (
        '`psql -c "…"`, and every block of SQL',
        '`make sql ORGANIZATION=… QUERY="SELECT * FROM integration_credentials"`',
        _SQL,
    ),
    (
        '`psql -c "…" > audit.csv`',
        '`make sql ORGANIZATION=… QUERY="COPY (SELECT * FROM integration_audit_logs ORDER BY created_at DESC '
        'LIMIT 50) TO STDOUT CSV HEADER" > audit.csv`',
        _SQL,
    ),
    ("the Supabase SQL editor", "`make sql ORGANIZATION=…` opens `psql`", _SQL),
    ("`tail -f logs/app.log`", "`make logs FOLLOW=1`", "`aws logs tail <LogGroup> --follow`"),
    (
        '`tail -f logs/app.log | grep -i "exotel|integration"`',
        "`make logs FOLLOW=1 ONLY='exotel|integration'`",
        "`--filter-pattern exotel`",
    ),
    (
        "`tail -f logs/email-poller.log`",
        "`make logs FOLLOW=1 ONLY=EmailSync`",
        "`--filter-pattern email_sync`",
    ),
    (
        "`tail -n 100 logs/app.log > debug-logs.txt`",
        "`make logs LINES=100 > debug-logs.txt`",
        "`aws logs tail <LogGroup> --since 1h`",
    ),
    (
        "`ps aux | grep email-poller`",
        "`make doctor`: `poller_not_running` where no mailbox is polled",
        "`make doctor URL=https://… TOKEN=…`",
    ),
    (
        "`npm run worker:email-poller`",
        "restart `make run`: the poller is one of its functions",
        "enable the timer of `email_sync/enqueue_due`",
    ),
    ("Collect Debug Information", "`make support-bundle`", "`make support-bundle URL=https://… TOKEN=…`"),
    ("`echo $EXOTEL_SID`, verify match database", "`make doctor`", "`make doctor URL=https://… TOKEN=…`"),
    (
        "`curl https://api.exotel.com/…`",
        "`POST /api/v1/settings/integrations/{type}/test`, or `make doctor`",
        "the same",
    ),
    (
        "`telnet smtp.zoho.com 587`, `telnet imap.zoho.com 993`",
        "`POST /api/v1/settings/email-accounts/test`, or `make doctor`",
        "the same",
    ),
    ("`CREATE EXTENSION pgcrypto`", "not needed", "not needed"),
    (
        "`ngrok http 8000`",
        "`WEBHOOK_BASE_URL=https://….ngrok.app make run`",
        "`WebhookBaseUrl` of the template",
    ),
    ("`curl https://your-backend/health`", "`curl http://127.0.0.1:8000/health`", "the same path"),
)
