import type { UseFormReturnType } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { client } from "@/api/client";
import { type Failure, failureOf } from "@/api/failure";
import type { ConfiguredIntegration, Integration } from "@/api/schema";
import { focusFirstError, type Saving, showAtField, useSaving } from "@/forms/useSaving";
import { toastDone, toastFailed } from "@/parts/toasts";
import { words } from "@/words/integrations";
import { type Kind, nameOf } from "../kinds";
import { bodyOf, type Configuration, NO_SECRETS, type Values } from "../values";
import { factsOf, failedChecks, fieldsAtFault, isOfProvider, type Outcome, passedChecks } from "./checks";
import { refreshIntegrations } from "./refresh";

/** How a form's values are tested and saved. */
export interface Connection {
  saving: Saving;
  isTesting: boolean;
  /** What the last test found, also the one that saving makes. */
  outcome: Outcome | undefined;
  /** Whether something has been changed since that test. */
  isStale: boolean;
  saved: ConfiguredIntegration | undefined;
  test: () => void;
  /** Save what failed its test. */
  saveAnyway: () => void;
}

interface Options {
  kind: Kind;
  integration: Integration | undefined;
  form: UseFormReturnType<Values>;
  version: string | undefined;
}

/** Return how to test and save the form of an integration. Secrets leave the form once they are saved. */
export function useConnection({ kind, integration, form, version }: Options): Connection {
  const queries = useQueryClient();
  const [isTesting, setTesting] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const [tested, setTested] = useState<Values>();
  const [saved, setSaved] = useState<ConfiguredIntegration>();
  const force = useRef(false);
  const busy = useRef(false);

  const failed = (failure: Failure, values: Values, since: number) => {
    if (!isOfProvider(failure)) return;
    const checks = failedChecks(kind, failure, values[kind.numberField]);
    setOutcome({ checks, seconds: secondsSince(since), failure, isSaved: false });
    for (const field of fieldsAtFault(kind, failure)) form.setFieldError(field, failure.error);
    focusFirstError();
  };

  const begin = (values: Values) => {
    setOutcome(undefined);
    setSaved(undefined);
    setTested(values);
    return performance.now();
  };

  const save = async (values: Values, version: string | undefined) => {
    const isForced = force.current;
    const forced = outcome?.failure;
    const since = begin(values);
    try {
      const body = { ...bodyOf(kind, values, integration), force: isForced };
      const configured = await post(kind, body, version);
      const checks = configured.check
        ? passedChecks(kind, configured.check as never, values[kind.numberField])
        : forced
          ? failedChecks(kind, forced, values[kind.numberField])
          : [];
      const failure = configured.check ? undefined : forced;
      const facts = configured.check ? factsOf(configured.check as never) : [];
      setOutcome({ checks, facts, seconds: secondsSince(since), isSaved: true, ...(failure && { failure }) });
      setSaved(configured);
    } catch (error) {
      const failure = failureOf(error);
      failed(failure, values, since);
      if (isOfProvider(failure)) toastFailed(failure.error, "connection");
      throw failure;
    }
  };

  const onSaved = () => {
    const kept = { ...form.getValues(), ...NO_SECRETS };
    form.setValues(kept);
    form.resetDirty(kept);
    setTested(kept);
    toastDone(
      words.saved.toast(integration ? nameOf(kind, integration) : words.kinds[kind.tab].name),
      "connection",
    );
    refreshIntegrations(queries);
  };

  const saving = useSaving<Values>({ form, version, save, onSaved });

  const test = async () => {
    if (busy.current || saving.busy) return;
    if (form.validate().hasErrors) return focusFirstError();
    busy.current = true;
    setTesting(true);
    const values = form.getValues();
    const since = begin(values);
    try {
      const { force: _, ...body } = bodyOf(kind, values, integration);
      const { data } = await client.POST("/api/v1/settings/integrations/{type}/test", {
        params: { path: { type: kind.type } },
        body,
      });
      const checks = data ? passedChecks(kind, data.data, values[kind.numberField]) : [];
      const facts = data ? factsOf(data.data) : [];
      setOutcome({ checks, facts, seconds: secondsSince(since), isSaved: false });
      toastDone(words.kinds[kind.tab].works, "connection");
      refreshIntegrations(queries);
    } catch (error) {
      const failure = failureOf(error);
      if (isOfProvider(failure)) failed(failure, values, since);
      else if (!showAtField({ form }, failure))
        setOutcome({ checks: [], seconds: secondsSince(since), failure, isSaved: false });
      toastFailed(failure.error, "connection");
    } finally {
      busy.current = false;
      setTesting(false);
    }
  };

  return {
    saving: {
      ...saving,
      problem: saving.problem && isOfProvider(saving.problem) ? undefined : saving.problem,
    },
    isTesting,
    outcome,
    isStale: outcome !== undefined && JSON.stringify(tested) !== JSON.stringify(form.getValues()),
    saved,
    test: () => void test(),
    saveAnyway: () => {
      // `save` reads it before it waits for anything.
      force.current = true;
      saving.submit();
      force.current = false;
    },
  };
}

async function post(
  kind: Kind,
  body: Configuration,
  version: string | undefined,
): Promise<ConfiguredIntegration> {
  const { data } = await client.POST("/api/v1/settings/integrations/{type}", {
    params: { path: { type: kind.type } },
    headers: version ? { "If-Match": version } : {},
    body,
  });
  if (!data) throw failureOf(undefined);
  return data.data;
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
