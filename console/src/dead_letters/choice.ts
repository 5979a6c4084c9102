import { client } from "@/api/client";
import type { RedriveResult } from "@/api/schema";

/** Dead letters that a person has chosen: single ones, or all open ones of a queue with a cause. */
export interface Choice {
  what: { ids: string[] } | { queue: string; cause: string };
  count: number;
}

/** How far a large group has come. */
export type Report = (done: number) => void;

const REDRIVE = "/api/v1/settings/dead-letters/redrive" as const;
const DISCARD = "/api/v1/settings/dead-letters/discard" as const;

/** Return what redriving would do to the first hundred; changes nothing. */
export async function tryRedrive(choice: Choice): Promise<RedriveResult> {
  const { data } = await client.POST(REDRIVE, { body: { ...choice.what, dry_run: true } });
  return required(data).data;
}

/** Redrive a choice, a hundred at a time; returns how many. */
export async function redrive(choice: Choice, report: Report): Promise<number> {
  let done = 0;
  for (;;) {
    const { data } = await client.POST(REDRIVE, { body: { ...choice.what, dry_run: false } });
    const { redriven, remaining } = required(data).data;
    done += redriven;
    report(done);
    if (remaining === 0 || redriven === 0 || done >= choice.count) return done;
  }
}

/** Discard a choice with a reason, a hundred at a time; returns how many, and how many messages have failed by it. */
export async function discard(choice: Choice, reason: string): Promise<{ done: number; failed: number }> {
  let done = 0;
  let failed = 0;
  for (;;) {
    const { data } = await client.POST(DISCARD, { body: { ...choice.what, reason } });
    const { discarded, messages_failed, remaining } = required(data).data;
    done += discarded;
    failed += messages_failed;
    if (remaining === 0 || discarded === 0 || done >= choice.count) return { done, failed };
  }
}

/** The client throws for everything but a success, so that an answer is always there. */
function required<T>(data: T | undefined): T {
  if (data === undefined) throw new TypeError("an answer without a body");
  return data;
}
