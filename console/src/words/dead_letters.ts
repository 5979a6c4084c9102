/** What workers gave up: why, and what to do with it. */
const dead = (count: number) =>
  count === 1 ? "1 dead letter" : `${count.toLocaleString("en")} dead letters`;

export const words = {
  title: "Dead letters",
  about: "Work that failed at every attempt. Nothing here is tried again until somebody decides.",
  states: { open: "Open", redriven: "Redriven", discarded: "Discarded" },
  stateLabel: "Which dead letters",
  openCount: (count: string) => `${count} open`,
  empty: {
    open: {
      title: "Nothing was given up",
      why: "Work that fails at every attempt is listed here, with its cause. Failed messages are in their conversations.",
      action: "Open diagnostics",
    },
    redriven: {
      title: "Nothing was redriven",
      why: "Dead letters that somebody has redriven are listed here.",
    },
    discarded: {
      title: "Nothing was discarded",
      why: "Dead letters that somebody has discarded are listed here, each with its reason.",
    },
  },
  dead,
  customers: (count: number) => (count === 1 ? "1 customer" : `${count.toLocaleString("en")} customers`),
  noCustomer: "No customer known",
  firstFailed: "First failed",
  lastFailed: "Given up",
  advice: "What to do:",
  show: "Show them",
  hide: "Hide them",
  redrive: "Redrive",
  redriveAll: "Redrive all",
  discard: "Discard",
  discardAll: "Discard all",
  redriveOf: (name: string) => `Redrive ${name}`,
  discardOf: (name: string) => `Discard ${name}`,
  inspect: "Inspect",
  inspectOf: (name: string) => `Inspect ${name}`,
  list: (work: string) => `Dead letters of ${work}`,
  columns: {
    subject: "About",
    customer: "Customer",
    status: "Message",
    attempts: "Attempts",
    last: "Given up",
    settled: "Decided",
    reason: "Reason",
    actions: "Actions",
  },
  by: (who: string) => `by ${who}`,
  subjects: {
    message: "Message",
    callback: "Callback",
    mailbox: "Mailbox",
    integration: "Integration",
    changes: "Live updates",
    rotation: "Key rotation",
  },
  nobody: "–",
  again: (times: number) => `given up ${times} times`,
  details: {
    title: "Dead letter",
    cause: "Cause",
    work: "Work",
    state: "State",
    attempts: "Attempts",
    first: "First failed",
    last: "Given up",
    item: "What was in the queue",
    itemAbout: "Bodies of callbacks are not shown: they may hold what a customer wrote.",
    copy: "the item",
  },
  redriving: {
    title: (count: number) => `Redrive ${dead(count)}?`,
    safe: "Nothing is sent twice: a message that has left, or may have left, is not sent again.",
    checking: "Looking up what would happen…",
    expected: "What would happen",
    single: "Each of them",
    firstOnly: (shown: number, all: number) =>
      `These are the first ${shown} of ${all.toLocaleString("en")}; the others follow in the same way.`,
    action: (count: number) => `Redrive ${count.toLocaleString("en")}`,
    progress: (done: number, all: number) =>
      `${done.toLocaleString("en")} of ${all.toLocaleString("en")} redriven`,
    done: (count: number) => `${dead(count)} redriven`,
    partly: (done: number) =>
      `${dead(done)} redriven before this happened. The others are still open: redrive them again.`,
  },
  discarding: {
    title: (count: number) => `Discard ${dead(count)}?`,
    body: "Nothing more is tried. A message that still waits to be sent fails in its conversation, with your reason.",
    reason: "Reason",
    reasonAbout: "It is kept in the audit log.",
    action: (count: number) => `Discard ${count.toLocaleString("en")}`,
    done: (count: number) => `${dead(count)} discarded`,
    failed: (count: number) =>
      count === 1
        ? "1 message has failed with your reason"
        : `${count} messages have failed with your reason`,
  },
};
