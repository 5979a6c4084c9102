import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Integration } from "@/api/schema";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { CopyButton } from "@/parts/CopyButton";
import { Notice } from "@/parts/Notice";
import { Section } from "@/parts/Section";
import { toastDone } from "@/parts/toasts";
import { When } from "@/parts/When";
import { words } from "@/words/integrations";
import { refreshIntegrations } from "../connection/refresh";
import type { Kind } from "../kinds";
import { changeIntegration } from "./change";

const { callback } = words;

/** The URL on which Exotel reports, where it goes, and whether anything has ever come in by it. */
export function CallbackSection({ kind, integration }: { kind: Kind; integration: Integration }) {
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const url = integration.callback_url;
  const revoke = async () => {
    await changeIntegration(kind, integration, { revoke_callback_url: true });
    toastDone(callback.revoked, "callback");
    refreshIntegrations(queries);
  };
  return (
    <Section title={callback.title}>
      {url ? (
        <TextInput
          readOnly
          label={callback.label}
          description={callback.secret}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          rightSection={<CopyButton text={url} what={callback.title} />}
        />
      ) : (
        <Notice tone="warn" title={callback.missing} />
      )}
      <p className="muted">{kind.tab === "whatsapp" ? callback.whatsapp : callback.phone}</p>
      <p>
        <span className="muted">{callback.proven}</span>
        <When at={integration.inbound_last_proven_at} never={callback.neverProven} />
      </p>
      {integration.source === "database" && (
        <div className="line">
          <Button size="xs" variant="default" onClick={() => setAsks(true)}>
            {callback.revoke}
          </Button>
        </div>
      )}
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={callback.revokeTitle}
        action={callback.revoke}
        isDangerous
        onConfirm={revoke}
      >
        <p>{callback.revokeBody}</p>
      </ConfirmDialog>
    </Section>
  );
}
