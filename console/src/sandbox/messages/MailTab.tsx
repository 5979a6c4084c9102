import { useState } from "react";
import { EmptyState } from "@/parts/EmptyState";
import { Section } from "@/parts/Section";
import { words } from "@/words/sandbox/page";
import type { Conversation, Facts, Mail } from "../api";
import { useConnections } from "../connections";
import { MailForm } from "./MailForm";
import styles from "./Messages.module.css";
import { NotConnected } from "./NotConnected";
import { ShownMail } from "./ShownMail";

interface Props {
  facts: Facts;
  conversation: Conversation;
  onCredentials: () => void;
}

/** The customer's mail: write one, see what the product sent, and answer it. */
export function MailTab({ facts, conversation, onCredentials }: Props) {
  const connections = useConnections();
  const [answered, setAnswered] = useState<Mail>();
  return (
    <div className="stack">
      {connections && Object.keys(connections.mailboxes).length === 0 && (
        <NotConnected
          what={words.mail.aMailbox}
          to="/settings/email-accounts"
          page={words.notConnected.emailAccounts}
          onCredentials={onCredentials}
        />
      )}
      <div className={styles.columns}>
        <Section title={answered ? words.mail.answer : words.mail.write} about={words.mail.writeAbout}>
          <MailForm
            key={answered?.id ?? "new"}
            facts={facts}
            answered={answered}
            onEnd={() => setAnswered(undefined)}
          />
        </Section>
        <Section title={words.mail.conversation} about={words.newestFirst}>
          <Mails conversation={conversation} onAnswer={setAnswered} />
        </Section>
      </div>
    </div>
  );
}

function Mails({ conversation, onAnswer }: { conversation: Conversation; onAnswer: (mail: Mail) => void }) {
  const shown = [
    ...conversation.received_mails.map((mail) => ({ mail, isMine: false })),
    ...conversation.written_mails.map((mail) => ({ mail, isMine: true })),
  ].sort((one, other) => Date.parse(other.mail.at) - Date.parse(one.mail.at));
  if (shown.length === 0) return <EmptyState title={words.mail.empty} why={words.mail.emptyWhy} />;
  return (
    <ol className={styles.list}>
      {shown.map(({ mail, isMine }) => (
        <li key={`${isMine} ${mail.id}`} className="stack">
          <ShownMail mail={mail} onAnswer={isMine ? undefined : () => onAnswer(mail)} />
        </li>
      ))}
    </ol>
  );
}
