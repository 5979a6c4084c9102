import { api } from "@/api/client";
import { count } from "@/parts/When";
import { words } from "@/words/dead_letters";
import styles from "./OpenCount.module.css";

/** How many dead letters are open, beside the link to their page; nothing if there is none. */
export function OpenCount() {
  const query = { state: "open" as const };
  const groups = api.useQuery("get", "/api/v1/settings/dead-letters", { params: { query } }).data?.data ?? [];
  const open = groups.reduce((sum, group) => sum + group.count, 0);
  if (open === 0) return null;
  return (
    <span className={styles.count}>
      <span aria-hidden="true">{count(open)}</span>
      <span className="unseen">{words.openCount(count(open))}</span>
    </span>
  );
}
