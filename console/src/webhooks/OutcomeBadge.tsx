import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { words } from "@/words/webhooks";

const TONES: Record<string, Tone> = {
  applied: "good",
  unknown: "neutral",
  unreadable: "bad",
  revoked: "warn",
};

/** What became of a callback. */
export function OutcomeBadge({ outcome }: { outcome: string }) {
  return <StatusBadge tone={TONES[outcome] ?? "neutral"}>{words.outcomes[outcome] ?? outcome}</StatusBadge>;
}
