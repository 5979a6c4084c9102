import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import { failureOf } from "@/api/failure";
import type { Integration } from "@/api/schema";
import { toastDone, toastFailed } from "@/parts/toasts";
import { words } from "@/words/integrations";
import { type Kind, setting } from "../kinds";
import { ConnectionResult } from "./ConnectionResult";
import { factsOf, failedChecks, type Outcome, passedChecks } from "./checks";
import { refreshIntegrations } from "./refresh";
import { Stopwatch } from "./Stopwatch";

/** Tests what is stored; a test that works verifies it at once. */
export function StoredTest({ kind, integration }: { kind: Kind; integration: Integration }) {
  const queries = useQueryClient();
  const [isTesting, setTesting] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const number = setting(integration, kind.numberField);
  const test = async () => {
    setTesting(true);
    setOutcome(undefined);
    const since = performance.now();
    const seconds = () => (performance.now() - since) / 1000;
    try {
      const { data } = await client.POST("/api/v1/settings/integrations/{type}/test", {
        params: { path: { type: kind.type } },
        body: {},
      });
      const checks = data ? passedChecks(kind, data.data, number) : [];
      const facts = data ? factsOf(data.data) : [];
      setOutcome({ checks, facts, seconds: seconds(), isSaved: false });
      toastDone(words.kinds[kind.tab].works, "connection");
    } catch (error) {
      const failure = failureOf(error);
      setOutcome({
        checks: failedChecks(kind, failure, number),
        seconds: seconds(),
        failure,
        isSaved: false,
      });
      toastFailed(failure.error, "connection");
    }
    setTesting(false);
    refreshIntegrations(queries);
  };
  return (
    <>
      <div className="line">
        <Button size="xs" variant="default" loading={isTesting} onClick={() => void test()}>
          {words.status.testStored}
        </Button>
        {isTesting && <Stopwatch />}
      </div>
      {outcome && !isTesting && <ConnectionResult outcome={outcome} />}
    </>
  );
}
