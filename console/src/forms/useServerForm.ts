import { type UseFormInput, type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect, useRef } from "react";

/** A form whose first values come from the server. */
export interface ServerForm<Values> {
  form: UseFormReturnType<Values>;
  /** The version that the values come from; sent with a save, so that nobody's change is overwritten unseen. */
  version: string | undefined;
  /** Replace what is typed by what is stored now. */
  reset: () => void;
}

/**
 * Return a form of what is stored.
 *
 * When something newer arrives, an untouched form takes it; a form with changes keeps them and its old version, so that
 * saving tells the loser of a race.
 */
export function useServerForm<Values extends Record<string, unknown>>(
  stored: { values: Values; version?: string | undefined },
  options: Omit<UseFormInput<Values>, "initialValues" | "mode"> = {},
): ServerForm<Values> {
  const form = useForm<Values>({ ...options, mode: "controlled", initialValues: stored.values });
  const version = useRef(stored.version);
  const shown = JSON.stringify(stored.values);
  const take = useRef(() => undefined as undefined);
  take.current = () => {
    form.setInitialValues(stored.values);
    form.setValues(stored.values);
    form.clearErrors();
    form.resetDirty(stored.values);
    version.current = stored.version;
  };
  const isDirty = form.isDirty();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is stored may replace what is shown
  useEffect(() => {
    if (!isDirty) take.current();
  }, [shown, stored.version]);
  return { form, version: version.current, reset: () => take.current() };
}
