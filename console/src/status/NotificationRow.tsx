import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import type { Notification } from "@/api/schema";
import { AlertIcon } from "@/parts/icons";
import { Problem } from "@/parts/Problem";
import { StatusBadge } from "@/parts/StatusBadge";
import { toastDone } from "@/parts/toasts";
import { count, When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/status";
import { Linked } from "./Linked";
import styles from "./Notifications.module.css";

const said = words.notifications;

/** One notification: what is wrong, since when, where to look, and a button for an admin who has read it. */
export function NotificationRow({ notification }: { notification: Notification }) {
  const mayDismiss = useMay("integrations:configure");
  const title = said.kinds[notification.kind] ?? notification.kind;
  return (
    <li className={styles.row} data-closed={notification.closed_at !== null}>
      <span className={styles.icon}>
        <AlertIcon />
      </span>
      <div className={styles.body}>
        <div className="line">
          <strong>{title}</strong>
          <span className="muted">{said.subjects[notification.subject]}</span>
          {notification.closed_at && <StatusBadge tone="neutral">{said.closed}</StatusBadge>}
        </div>
        <p>
          <Linked text={notification.sentence} />
        </p>
        <p className={`muted ${styles.since}`}>
          {said.since} <When at={notification.created_at} />
          {notification.occurrences > 1 && ` · ${said.times(count(notification.occurrences))}`}
        </p>
      </div>
      {mayDismiss && !notification.closed_at && <Dismiss id={notification.id} title={title} />}
    </li>
  );
}

function Dismiss({ id, title }: { id: string; title: string }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const dismiss = async () => {
    setBusy(true);
    const path = { notification_id: id };
    await client
      .POST("/api/v1/settings/notifications/{notification_id}/dismiss", { params: { path } })
      .then(() => toastDone(said.dismissed, "notification"), setProblem);
    await queries.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith("/api/v1/settings/notifications"),
    });
    setBusy(false);
  };
  return (
    <div>
      <Button size="xs" variant="default" loading={busy} aria-label={said.dismissOf(title)} onClick={dismiss}>
        {said.dismiss}
      </Button>
      {problem ? <Problem error={problem} /> : null}
    </div>
  );
}
