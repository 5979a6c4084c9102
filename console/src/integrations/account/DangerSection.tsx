import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import type { Integration } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/integrations";
import { refreshIntegrations } from "../connection/refresh";
import { type Kind, nameOf } from "../kinds";
import { changeIntegration } from "./change";

const { danger } = words;

/** Turns an integration off and on, and deletes it; each says first what stops. */
export function DangerSection({ kind, integration }: { kind: Kind; integration: Integration }) {
  const queries = useQueryClient();
  const [asks, setAsks] = useState<"off" | "delete">();
  const [problem, setProblem] = useState<unknown>();
  const name = nameOf(kind, integration);
  const close = () => setAsks(undefined);
  const turn = async (is_active: boolean) => {
    setProblem(undefined);
    await changeIntegration(kind, integration, { is_active });
    toastDone(is_active ? danger.turnedOn(name) : danger.turnedOff(name), "integration");
    refreshIntegrations(queries);
  };
  const remove = async () => {
    await client.DELETE("/api/v1/settings/integrations/{type}", { params: { path: { type: kind.type } } });
    toastDone(danger.deleted(name), "integration");
    refreshIntegrations(queries);
  };
  return (
    <Section title={danger.title}>
      {problem ? <Problem error={problem} /> : null}
      <div className="line">
        {integration.is_active ? (
          <Button size="xs" variant="default" onClick={() => setAsks("off")}>
            {danger.turnOff}
          </Button>
        ) : (
          <Button size="xs" onClick={() => turn(true).catch(setProblem)}>
            {danger.turnOn}
          </Button>
        )}
        <Button size="xs" color="red.9" onClick={() => setAsks("delete")}>
          {danger.delete}
        </Button>
      </div>
      <ConfirmDialog
        opened={asks === "off"}
        onClose={close}
        title={danger.offTitle(name)}
        action={danger.turnOff}
        onConfirm={() => turn(false)}
      >
        <p>{danger.off[kind.tab]}</p>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asks === "delete"}
        onClose={close}
        title={danger.deleteTitle(name)}
        action={danger.delete}
        isDangerous
        typed={name}
        onConfirm={remove}
      >
        <Stops kind={kind} integration={integration} />
      </ConfirmDialog>
    </Section>
  );
}

function Stops({ kind, integration }: { kind: Kind; integration: Integration }) {
  const stops = danger.stopsOf[kind.tab]?.(integration.phone_number_count) ?? [];
  return (
    <div>
      <p>{danger.stops}</p>
      <ul>
        {stops.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
      <p>{danger.stays}</p>
    </div>
  );
}
