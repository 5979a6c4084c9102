import type { UseFormReturnType } from "@mantine/form";
import { type FormEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { type Failure, failureOf } from "@/api/failure";
import { words } from "@/words/parts";

export interface Saving {
  submit: (event?: FormEvent) => void;
  busy: boolean;
  /** Why the last save failed, if no field could show it. */
  problem: Failure | undefined;
  /** Set if somebody else saved meanwhile. */
  meanwhile: Failure | undefined;
  /** Save over what was saved meanwhile. */
  saveMine: () => void;
  dismiss: () => void;
}

interface Options<Values> {
  form: UseFormReturnType<Values>;
  version?: string | undefined;
  /** Saves; throws the API's Failure. `version` goes into the header If-Match. */
  save: (values: Values, version: string | undefined) => Promise<unknown>;
  /** What follows; the form counts as being saved until it has ended. */
  onSaved?: () => unknown;
  /** Names of the API's fields that have another name in the form. */
  fields?: Record<string, keyof Values & string>;
}

/**
 * Return how to save a form: once however often it is clicked, with each of the API's refusals at its field.
 */
export function useSaving<Values extends Record<string, unknown>>(options: Options<Values>): Saving {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure>();
  const [meanwhile, setMeanwhile] = useState<Failure>();
  const running = useRef(false);

  const run = async (version: string | undefined) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(undefined);
    setMeanwhile(undefined);
    try {
      await options.save(options.form.getValues(), version);
      options.form.resetDirty();
      await options.onSaved?.();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === "changed_meanwhile") setMeanwhile(failure);
      else if (!showAtField(options, failure)) setProblem(failure);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return {
    submit: (event) => {
      event?.preventDefault();
      if (!options.form.validate().hasErrors) void run(options.version);
      else focusFirstError();
    },
    busy,
    problem,
    meanwhile,
    saveMine: () => void run(meanwhile?.text("version")),
    dismiss: () => setMeanwhile(undefined),
  };
}

/** Show a refusal at the field that it names; return whether the form has this field. */
export function showAtField<Values extends Record<string, unknown>>(
  options: Pick<Options<Values>, "form" | "fields">,
  failure: Failure,
): boolean {
  const named = failure.field;
  if (!named) return false;
  const field = options.fields?.[named] ?? named;
  const [first] = field.split(".");
  if (!first || !(first in options.form.getValues())) return false;
  // At once: otherwise the frame in which the focus moves may come before the field is marked.
  flushSync(() => options.form.setFieldError(field, withoutName(failure.error, named)));
  focusFirstError();
  return true;
}

/** Return the API's sentence without the name that a program has for the field: the label stands above it. */
export function withoutName(sentence: string, field: string): string {
  const last = field.split(".").at(-1) ?? field;
  for (const name of [field, last]) {
    if (sentence.startsWith(`${name} `)) return capitalized(sentence.slice(name.length + 1));
  }
  return sentence;
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Move the focus to the first field with an error, once it is marked. */
export function focusFirstError(): void {
  window.requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus();
  });
}

/** Who saved meanwhile, as the API says. */
export function winner(failure: Failure): string {
  return failure.text("changed_by") ?? words.form.somebody;
}
