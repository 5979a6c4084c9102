import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import { Section } from "@/parts/Section";
import { words } from "@/words/status";
import { NotificationRow } from "./NotificationRow";
import styles from "./Notifications.module.css";

const SHOWN = 3;

/** The newest open notifications; nothing if there is none. The bell asks the same question. */
export function Attention() {
  const query = { limit: 10 };
  const open = api.useQuery("get", "/api/v1/settings/notifications", { params: { query } }).data?.data ?? [];
  if (open.length === 0) return null;
  return (
    <Section
      title={words.attention.title}
      actions={<Link to={"/notifications" as never}>{words.attention.all}</Link>}
    >
      <ul className={styles.list} aria-label={words.notifications.listed}>
        {open.slice(0, SHOWN).map((one) => (
          <NotificationRow key={one.id} notification={one} />
        ))}
      </ul>
    </Section>
  );
}
