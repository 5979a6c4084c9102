/** The sign that tells how fresh the page is. */
export const words = {
  live: "Live",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  polling: "Checking every 15 s",
  showingFrom: (time: string) => `Showing data from ${time}`,
  explained: {
    connecting: "The page opens its connection for live changes.",
    live: "Changes appear here at once.",
    reconnecting: "The connection broke. What you type is kept; changes appear once it is back.",
    polling: "Live changes are not possible here, so the page asks every 15 seconds.",
  },
};
