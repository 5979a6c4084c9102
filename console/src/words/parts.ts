/** What the shared parts say on every page. */
export const words = {
  close: "Close",
  cancel: "Cancel",
  copy: "Copy",
  copied: "Copied",
  copyOf: (what: string) => `Copy ${what}`,
  loading: "Loading…",
  more: "Show more",
  never: "never",
  zoneOf: (zone: string) => `(${zone})`,
  openExternal: "opens in a new tab",
  notAllowed: {
    title: "You may not see this page",
    needs: (role: string) => `It needs the role ${role}.`,
    ask: (people: string) => `Ask ${people}.`,
    askAnAdmin: "an admin of your organization",
    readOnly: (people: string) => `You can look, but not change anything here. Ask ${people}.`,
  },
  roles: { admin: "admin", adminOrManager: "admin or manager" },
  notFound: {
    title: "There is no such page",
    body: "The address may be mistyped, or the page was removed.",
    action: "Go to the settings",
  },
  secret: {
    storedHint: "Stored and encrypted. Leave it empty to keep it.",
    replace: "Replace",
    keep: "Keep the stored one",
    trimmed: "Spaces and line breaks around it were removed.",
    show: "Show what is typed",
    hide: "Hide what is typed",
  },
  test: {
    running: (seconds: string) => `Testing… ${seconds} s`,
    took: (seconds: string) => `Tested in ${seconds} s`,
    yes: "works",
    no: "does not work",
    unknown: "not tested",
  },
  confirm: {
    typeToConfirm: (text: string) => `Type “${text}” to confirm`,
  },
  leave: {
    title: "Leave without saving?",
    body: "What you typed on this page is not saved.",
    stay: "Stay",
    leave: "Leave without saving",
  },
  form: {
    save: "Save",
    saved: "Saved",
    unsaved: "Not saved yet",
    correct: (count: number) =>
      count === 1 ? "Correct the field marked below." : `Correct the ${count} fields marked below.`,
    meanwhileTitle: "Somebody else saved this while you were editing",
    meanwhile: (who: string, when: string) =>
      `${who} saved it ${when}. What you typed is still here and not saved.`,
    somebody: "Somebody",
    takeTheirs: "Discard mine and show theirs",
    saveMine: "Save mine over it",
  },
  tones: { good: "Good", warn: "Warning", bad: "Problem", info: "Information", neutral: "Note" },
};
