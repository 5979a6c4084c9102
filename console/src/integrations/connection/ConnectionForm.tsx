import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ConfiguredIntegration, Integration } from "@/api/schema";
import { FormFrame } from "@/forms/FormFrame";
import { useServerForm } from "@/forms/useServerForm";
import { Notice } from "@/parts/Notice";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";
import { type Kind, versionOf } from "../kinds";
import { problemsOf, type Values, valuesOf } from "../values";
import { AutoReplyFields } from "../whatsapp/AutoReplyFields";
import { HoursFields } from "../whatsapp/HoursFields";
import { AccountFields } from "./AccountFields";
import { ConnectionResult } from "./ConnectionResult";
import { NumberFields } from "./NumberFields";
import { Stopwatch } from "./Stopwatch";
import { useConnection } from "./useConnection";

/** The form of an integration: what is typed can be tested before it is saved, and is tested when it is. */
export function ConnectionForm({ kind, integration }: { kind: Kind; integration: Integration | undefined }) {
  const isStored = integration?.source === "database";
  const { form, version, reset } = useServerForm<Values>(
    { values: valuesOf(integration), version: versionOf(integration) },
    { validate: (values) => problemsOf(kind, values, isStored) },
  );
  const connection = useConnection({ kind, integration, form, version });
  const { saving, outcome, isTesting } = connection;
  const isRunning = isTesting || saving.busy;
  return (
    <FormFrame
      saving={saving}
      isDirty={form.isDirty()}
      onTakeTheirs={reset}
      action={words.form.save}
      actions={
        <Button variant="default" loading={isTesting} disabled={saving.busy} onClick={connection.test}>
          {words.form.test}
        </Button>
      }
    >
      <Section title={words.form.account} about={about(kind)}>
        <AccountFields form={form} isStored={isStored} />
      </Section>
      <Section title={words.form.number[kind.tab]}>
        <NumberFields kind={kind} form={form} />
      </Section>
      {kind.tab === "whatsapp" && (
        <>
          <AutoReplyFields form={form} />
          <HoursFields form={form} now={integration?.hours_now} />
        </>
      )}
      {isRunning && <Stopwatch />}
      {outcome && !isRunning && (
        <ConnectionResult
          outcome={outcome}
          isStale={connection.isStale}
          {...(!outcome.isSaved && { onSaveAnyway: connection.saveAnyway })}
        />
      )}
      {connection.saved && !isRunning && <Saved saved={connection.saved} />}
    </FormFrame>
  );
}

function about(kind: Kind): string {
  const { accountAbout, sameAsPhone } = words.form;
  return kind.tab === "phone" ? accountAbout : `${accountAbout} ${sameAsPhone}`;
}

function Saved({ saved }: { saved: ConfiguredIntegration }) {
  const repliesAreStored = saved.settings.auto_reply_enabled === true;
  if (!saved.sync && !repliesAreStored) return null;
  return (
    <Notice tone="good" title={words.saved.title}>
      {saved.sync && (
        <p>
          <Link to="/settings/phone-numbers">{words.saved.synced(saved.sync.synced_numbers)}</Link>
        </p>
      )}
      {repliesAreStored && <p>{words.saved.noReplies}</p>}
    </Notice>
  );
}
