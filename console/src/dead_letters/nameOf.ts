import type { DeadLetterItem } from "@/api/schema";
import { words } from "@/words/dead_letters";

/** Return what a dead letter is about, as people know it. */
export function nameOf(item: Pick<DeadLetterItem, "subject" | "subject_name">): string {
  const kind = words.subjects[item.subject];
  return item.subject_name ? `${kind} · ${item.subject_name}` : kind;
}
