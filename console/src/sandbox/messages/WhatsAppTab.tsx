import { EmptyState } from "@/parts/EmptyState";
import { Section } from "@/parts/Section";
import { words } from "@/words/sandbox/page";
import { type Conversation, type Facts, useAct, useTemplates } from "../api";
import { useConnections } from "../connections";
import { DescribedSwitch } from "../DescribedSwitch";
import styles from "./Messages.module.css";
import { NotConnected } from "./NotConnected";
import { ReceivedWhatsApp } from "./ReceivedWhatsApp";
import { WhatsAppForm } from "./WhatsAppForm";
import { WrittenWhatsApp } from "./WrittenWhatsApp";

interface Props {
  facts: Facts;
  conversation: Conversation;
  onCredentials: () => void;
}

/** The customer's WhatsApp: write a message, see what the product sent, and say what became of it. */
export function WhatsAppTab({ facts, conversation, onCredentials }: Props) {
  const connections = useConnections();
  return (
    <div className="stack">
      {connections && Object.keys(connections.whatsapp).length === 0 && (
        <NotConnected
          what={words.tabs.whatsapp}
          to="/settings/integrations"
          tab="whatsapp"
          page={words.notConnected.integrations}
          onCredentials={onCredentials}
        />
      )}
      <div className={styles.columns}>
        <Section title={words.whatsapp.write} about={words.whatsapp.writeAbout}>
          <WhatsAppForm facts={facts} addresses={conversation.addresses} />
        </Section>
        <Phone conversation={conversation} />
      </div>
    </div>
  );
}

function Phone({ conversation }: { conversation: Conversation }) {
  const act = useAct();
  const templates = useTemplates();
  const shown = [
    ...conversation.messages.map((message) => ({
      at: message.accepted_at,
      key: message.sid,
      item: <ReceivedWhatsApp message={message} templates={templates} />,
    })),
    ...conversation.incoming.map((message) => ({
      at: message.timestamp,
      key: `${message.sid} ${message.timestamp}`,
      item: <WrittenWhatsApp message={message} />,
    })),
  ].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return (
    <Section title={words.whatsapp.conversation} about={words.newestFirst}>
      <DescribedSwitch
        label={words.whatsapp.automatic}
        about={words.whatsapp.automaticAbout}
        checked={conversation.phones_report}
        onChange={(auto) => void act("POST", "/ladder", { auto })}
      />
      {shown.length === 0 ? (
        <EmptyState title={words.whatsapp.empty} why={words.whatsapp.emptyWhy} />
      ) : (
        <ol className={styles.list}>
          {shown.map(({ key, item }) => (
            <li key={key} className="stack">
              {item}
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
