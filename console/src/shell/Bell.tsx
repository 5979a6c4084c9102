import { Link } from "@tanstack/react-router";
import { api } from "@/api/client";
import { BellIcon } from "@/parts/icons";
import { words } from "@/words/shell";
import styles from "./Bell.module.css";

/** How many matters need somebody's attention, and the way to their list; live. */
export function Bell() {
  const query = { limit: 10 };
  const open = api.useQuery("get", "/api/v1/settings/notifications", { params: { query } }).data;
  const count = open?.data.length ?? 0;
  const shown = open?.next_cursor ? words.bell.many : String(count);
  return (
    <Link to="/notifications" className={styles.bell} aria-label={words.bell.label(count ? shown : "")}>
      <BellIcon />
      {count > 0 && (
        <span className={styles.count} aria-hidden="true">
          {shown}
        </span>
      )}
    </Link>
  );
}
