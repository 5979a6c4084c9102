import type { Integration } from "@/api/schema";
import { AccessSection } from "./account/AccessSection";
import { CallbackSection } from "./account/CallbackSection";
import { DangerSection } from "./account/DangerSection";
import { RevealSection } from "./account/RevealSection";
import { ConnectionForm } from "./connection/ConnectionForm";
import styles from "./IntegrationPanel.module.css";
import type { Kind } from "./kinds";
import { StatusSection } from "./StatusSection";
import { TemplatesSection } from "./whatsapp/TemplatesSection";

/** Everything that an admin does with one integration. */
export function IntegrationPanel({
  kind,
  integration,
}: {
  kind: Kind;
  integration: Integration | undefined;
}) {
  const isStored = integration?.source === "database";
  return (
    <div className={styles.panel}>
      <div className={styles.wide}>
        <StatusSection kind={kind} integration={integration} mayTest />
      </div>
      <div className={styles.column}>
        <ConnectionForm kind={kind} integration={integration} />
      </div>
      <div className={styles.column}>
        {integration && kind.hasCallback && <CallbackSection kind={kind} integration={integration} />}
        {isStored && <RevealSection key={integration.credentials_changed_at} kind={kind} />}
        <AccessSection />
        {isStored && <DangerSection kind={kind} integration={integration} />}
      </div>
      {kind.tab === "whatsapp" && (
        <div className={styles.wide}>
          <TemplatesSection isConnected={integration !== undefined} maySync />
        </div>
      )}
    </div>
  );
}
