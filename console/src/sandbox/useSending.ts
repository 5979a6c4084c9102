import { type FormEvent, useRef, useState } from "react";
import { type Failure, failureOf } from "@/api/failure";

export interface Sending {
  busy: boolean;
  /** What the sandbox refused, unless it named one of the form's fields. */
  problem: Failure | undefined;
  /** Return what is wrong with a field. */
  errorOf: (field: string) => string | undefined;
  submit: (event: FormEvent) => void;
}

/** Send a form to the sandbox; a double click sends it once. `fields` are those that show their own error. */
export function useSending(fields: string[], send: () => Promise<void>): Sending {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const running = useRef(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure(undefined);
    await send().catch((error) => setFailure(failureOf(error)));
    running.current = false;
    setBusy(false);
  };
  const field = failure?.field && fields.includes(failure.field) ? failure.field : undefined;
  return {
    busy,
    problem: field ? undefined : failure,
    errorOf: (name) => (name === field ? failure?.error : undefined),
    submit: (event) => void submit(event),
  };
}
