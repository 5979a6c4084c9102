/** A short message in the corner; what it says stands on the page, too. */
export interface Toast {
  /** A toast of the same matter replaces the former one. */
  id?: string;
  message: string;
  kind: "done" | "failed";
}

type Listener = (toast: Toast) => void;

const waiting: Toast[] = [];
let listener: Listener | undefined;

/** Say that something worked; it goes after five seconds. */
export function toastDone(message: string, id?: string): void {
  show({ message, kind: "done", ...(id && { id }) });
}

/** Say that something failed; it stays until it is dismissed. */
export function toastFailed(message: string, id?: string): void {
  show({ message, kind: "failed", ...(id && { id }) });
}

/** Pass every toast to `take`, those before too; returns how to end that. */
export function onToast(take: Listener): () => void {
  listener = take;
  for (const toast of waiting.splice(0)) take(toast);
  return () => {
    listener = undefined;
  };
}

function show(toast: Toast): void {
  if (listener) listener(toast);
  else waiting.push(toast);
}
