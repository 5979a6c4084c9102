/** The rotation of encryption keys. */
export const words = {
  title: "Encryption",
  about: "Stored credentials and content are encrypted. A rotation brings all of it under the current key.",
  start: "Rotate keys",
  startAgain: "Rotate keys again",
  confirm: {
    title: "Rotate the encryption keys?",
    body: "Every stored secret is brought under the current key. Nothing is paused, and everything stays readable meanwhile. You can leave this page.",
    action: "Rotate keys",
  },
  started: "Rotation started",
  never: {
    title: "No rotation yet",
    why: "Rotate after your operator has changed the master key, or as often as your rules demand.",
  },
  running: {
    title: "Rotation is running",
    why: "It goes on when you leave this page, and after a restart.",
  },
  counting: "Counting what is encrypted…",
  stopped: "It cannot continue at the moment",
  stoppedWhy: "It tries again on its own. If this stays, open the diagnostics.",
  diagnostics: "Open diagnostics",
  done: {
    title: "Everything is under the current key",
    failed: (count: number) =>
      count === 1 ? "1 secret could not be opened" : `${count} secrets could not be opened`,
    failedWhy:
      "Nothing was lost: what could not be opened is unchanged. Keep the former key until it is entered again or removed.",
  },
  progress: (done: string, total: string) => `${done} of ${total}`,
  progressLabel: "Progress of the rotation",
  begun: "Begun",
  finished: "Finished",
  key: "Key",
  partsTitle: "By place",
  parts: {
    integration_credentials: "Integrations",
    email_accounts: "Mailboxes",
    retiring_credentials: "Former credentials",
    blobs: "Stored mails and files",
  },
  columns: {
    part: "Place",
    total: "Secrets",
    done: "Under the current key",
    unreadable: "Could not be opened",
  },
  failures: {
    title: "What could not be opened",
    about: "The first 50, by place and id.",
    listed: "Secrets that could not be opened",
    place: "Place",
    id: "Id",
  },
};
