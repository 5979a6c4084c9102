import type { DeadLetterItem } from "@/api/schema";

export type State = DeadLetterItem["state"];

/** Return the state in a URL; any other text means open. */
export function stateOf(text: string): State {
  return text === "redriven" || text === "discarded" ? text : "open";
}
