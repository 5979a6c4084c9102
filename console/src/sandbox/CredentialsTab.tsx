import { Link } from "@tanstack/react-router";
import { CopyButton } from "@/parts/CopyButton";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { words } from "@/words/sandbox/page";
import type { Conversation, ExotelAccount, Facts } from "./api";
import { CallbackAddress } from "./CallbackAddress";
import styles from "./Credentials.module.css";
import { useConnections } from "./connections";

const { credentials } = words;

interface Value {
  label: string;
  value: string | number | null;
}

/** What somebody types into the product's settings to connect it with the simulated providers. */
export function CredentialsTab({ facts, conversation }: { facts: Facts; conversation: Conversation }) {
  const connections = useConnections();
  const servers = [
    { label: credentials.smtpHost, value: facts.smtp.host },
    { label: credentials.smtpPort, value: facts.smtp.port },
    { label: credentials.smtpsPort, value: facts.smtps.port },
    { label: credentials.imapHost, value: facts.imap.host },
    { label: credentials.imapPort, value: facts.imap.port },
  ];
  return (
    <div className="stack">
      <Section
        title={credentials.exotel}
        about={credentials.exotelAbout}
        actions={
          <>
            <Link to="/settings/integrations">{credentials.toPhone}</Link>
            <Link to="/settings/integrations" search={{ tab: "whatsapp" } as never}>
              {credentials.toWhatsApp}
            </Link>
          </>
        }
      >
        <div className={styles.cards}>
          {facts.exotel_accounts.map((account) => (
            <article key={account.account_sid} className={styles.card}>
              <header className="spread">
                <h3>{account.account_sid}</h3>
                <span className="line">
                  <Used by={connections?.phone[account.virtual_number ?? ""]} what={credentials.phone} />
                  <Used
                    by={connections?.whatsapp[account.whatsapp_number ?? ""]?.organization}
                    what={credentials.whatsapp}
                  />
                </span>
              </header>
              <Values values={valuesOf(account)} of={account.account_sid} />
              <CallbackAddress
                accountSid={account.account_sid}
                known={conversation.addresses[account.account_sid] ?? ""}
              />
            </article>
          ))}
        </div>
      </Section>
      <Section
        title={credentials.mail}
        about={credentials.mailAbout}
        actions={<Link to="/settings/email-accounts">{credentials.toMail}</Link>}
      >
        <div className={styles.cards}>
          {facts.mailboxes.map(({ email, password }) => (
            <article key={email} className={styles.card}>
              <header className="spread">
                <h3>{email}</h3>
                <Used by={connections?.mailboxes[email]} what={credentials.mailbox} />
              </header>
              <Values
                of={email}
                values={[
                  { label: credentials.email, value: email },
                  { label: credentials.password, value: password },
                  ...servers,
                ]}
              />
            </article>
          ))}
        </div>
      </Section>
    </div>
  );
}

function valuesOf(account: ExotelAccount): Value[] {
  return [
    { label: credentials.sid, value: account.account_sid },
    { label: credentials.key, value: account.api_key },
    { label: credentials.token, value: account.api_token },
    { label: credentials.virtualNumber, value: account.virtual_number },
    { label: credentials.whatsappNumber, value: account.whatsapp_number },
    { label: credentials.waba, value: account.waba_id },
  ];
}

function Values({ values, of }: { values: Value[]; of: string }) {
  return (
    <dl className={styles.values}>
      {values
        .filter(({ value }) => value !== null)
        .map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <code>{value}</code>
              <CopyButton text={String(value)} what={credentials.copyName(label, of)} />
            </dd>
          </div>
        ))}
    </dl>
  );
}

function Used({ by, what }: { by: string | undefined; what: string }) {
  return (
    <StatusBadge tone={by ? "good" : "neutral"}>
      {by ? credentials.usedBy(what, by) : credentials.unused(what)}
    </StatusBadge>
  );
}
