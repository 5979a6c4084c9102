import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client } from "@/api/client";
import { type Failure, failureOf } from "@/api/failure";
import type { WhatsAppTemplate } from "@/api/schema";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { RefreshIcon } from "@/parts/icons";
import { Loaded } from "@/parts/Loaded";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { toastDone, toastFailed } from "@/parts/toasts";
import { When } from "@/parts/When";
import { words } from "@/words/integrations";
import styles from "./Templates.module.css";

const PATH = "/api/v1/settings/whatsapp-templates";
const { templates } = words;

/** The templates as last synced; those that cannot be sent are grey, with the reason. */
export function TemplatesSection({
  isConnected,
  maySync = false,
}: {
  isConnected: boolean;
  maySync?: boolean;
}) {
  const found = api.useQuery("get", PATH, { params: { query: { limit: 200 } } });
  const sync = useSync();
  const button = (
    <Button
      size="xs"
      variant="default"
      leftSection={<RefreshIcon size={14} />}
      loading={sync.isRunning}
      onClick={sync.run}
    >
      {templates.sync}
    </Button>
  );
  const maySyncNow = maySync && isConnected;
  return (
    <Section title={templates.title} about={templates.about} actions={maySyncNow && button}>
      {sync.problem && <SyncProblem failure={sync.problem} />}
      <Loaded query={found}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState
              title={templates.empty}
              why={isConnected ? templates.emptyWhy : templates.emptyUnconnected}
            />
          ) : (
            <DataTable caption={templates.caption} columns={COLUMNS} rows={data} rowKey={(each) => each.id} />
          )
        }
      </Loaded>
    </Section>
  );
}

function useSync() {
  const queries = useQueryClient();
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<Failure>();
  const run = async () => {
    setRunning(true);
    setProblem(undefined);
    try {
      const { data } = await client.POST("/api/v1/settings/integrations/exotel_whatsapp/sync-templates");
      if (data) {
        const { synced_templates, new_templates, removed_templates } = data.data;
        toastDone(templates.synced(synced_templates, new_templates, removed_templates), "templates");
      }
    } catch (error) {
      setProblem(failureOf(error));
      toastFailed(templates.syncFailed, "templates");
    }
    setRunning(false);
    void queries.invalidateQueries({ queryKey: ["get", PATH] });
  };
  return { isRunning, problem, run: () => void run() };
}

/** Why the templates were not synced; a missing id is entered on this page. */
function SyncProblem({ failure }: { failure: Failure }) {
  if (failure.field === "waba_id")
    return (
      <Notice tone="warn" title={templates.needsId} live="alert">
        <p>{templates.needsIdWhy}</p>
      </Notice>
    );
  return <Problem error={failure} title={templates.syncFailed} />;
}

const isUsable = (each: WhatsAppTemplate) => each.status === "approved" && !each.not_usable;
const grey = (each: WhatsAppTemplate) => (isUsable(each) ? undefined : "muted");
const oneLine = (each: WhatsAppTemplate) => `${styles.line} ${grey(each) ?? ""}`;

const COLUMNS: Column<WhatsAppTemplate>[] = [
  { title: templates.columns.name, cell: (each) => <span className={oneLine(each)}>{each.name}</span> },
  {
    title: templates.columns.language,
    cell: (each) => <span className={oneLine(each)}>{each.language}</span>,
  },
  {
    title: templates.columns.category,
    cell: (each) => <span className={oneLine(each)}>{inSentenceCase(each.category)}</span>,
  },
  { title: templates.columns.status, cell: (each) => <Status template={each} /> },
  {
    title: templates.columns.preview,
    cell: (each) => (
      <span className={grey(each)}>
        {each.body}
        {each.is_cut && ` (${templates.cut})`}
      </span>
    ),
  },
  { title: templates.columns.synced, cell: (each) => <When at={each.synced_at} /> },
];

function Status({ template }: { template: WhatsAppTemplate }) {
  const reason = reasonOf(template);
  return (
    <div className={styles.status}>
      <StatusBadge tone={toneOf(template)}>{wordOf(template)}</StatusBadge>
      {reason && <span className={styles.reason}>{reason}</span>}
    </div>
  );
}

function wordOf(template: WhatsAppTemplate): string {
  if (template.status === "approved" && template.not_usable) return templates.notUsable;
  return templates.statuses[template.status] ?? inSentenceCase(template.status);
}

function reasonOf(template: WhatsAppTemplate): string | null {
  if (template.status === "approved") return template.not_usable && `${template.not_usable}.`;
  return templates.reasons[template.status] ?? templates.otherStatus;
}

function toneOf(template: WhatsAppTemplate): Tone {
  if (template.status === "approved") return template.not_usable ? "neutral" : "good";
  return template.status === "pending" ? "warn" : "neutral";
}

function inSentenceCase(word: string): string {
  const lower = word.toLowerCase().replaceAll("_", " ");
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
