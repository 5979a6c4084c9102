import { Link, useParams } from "@tanstack/react-router";
import { api } from "@/api/client";
import type { WebhookEventDetail } from "@/api/schema";
import { CopyButton } from "@/parts/CopyButton";
import { DataTable } from "@/parts/DataTable";
import { Loaded } from "@/parts/Loaded";
import { Page } from "@/parts/Page";
import { Section } from "@/parts/Section";
import { count, When } from "@/parts/When";
import { words } from "@/words/webhooks";
import { OutcomeBadge } from "./OutcomeBadge";
import { Replay } from "./Replay";
import styles from "./Webhooks.module.css";

const said = words.detail;

/** One callback: what became of it, what it is about, its body, and applying it again. */
export default function WebhookPage() {
  const { eventId } = useParams({ strict: false }) as { eventId: string };
  const params = { params: { path: { event_id: eventId } } };
  const found = api.useQuery("get", "/api/v1/settings/webhook-events/{event_id}", params);
  return (
    <Page title={said.title} actions={<Link to="/operations/webhooks">{said.back}</Link>}>
      <Loaded query={found}>
        {({ data }) => (
          <>
            <Facts event={data} />
            <Parts event={data} />
            <Replay event={data} />
            <Body event={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ event }: { event: WebhookEventDetail }) {
  const facts = [
    { name: words.columns.kind, value: words.kinds[event.kind] ?? event.kind },
    { name: said.received, value: <When at={event.received_at} /> },
    {
      name: said.deliveries,
      value: event.deliveries > 1 ? words.repeated(event.deliveries) : count(event.deliveries),
    },
    { name: said.replays, value: <When at={event.replayed_at} never={said.never} /> },
  ];
  return (
    <div className="card stack">
      <div className="line">
        <OutcomeBadge outcome={event.outcome} />
        <span>{words.outcomesExplained[event.outcome]}</span>
      </div>
      <dl className={styles.facts}>
        {facts.map((fact) => (
          <div key={fact.name}>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Parts({ event }: { event: WebhookEventDetail }) {
  if (event.body === null) return <Section title={said.parts}>{said.hidden}</Section>;
  if (event.parts.length === 0) return <Section title={said.parts}>{said.noParts}</Section>;
  const rows = event.parts.map((part, place) => ({ ...part, key: String(place) }));
  const columns = said.partColumns;
  return (
    <Section title={said.parts} {...(event.has_more_parts && { about: said.partsCut })}>
      <DataTable
        caption={said.parts}
        rows={rows}
        rowKey={(part) => part.key}
        columns={[
          { title: columns.kind, cell: (part) => said.partKinds[part.kind] ?? part.kind },
          { title: columns.says, cell: (part) => part.says ?? said.unknownStatus },
          { title: columns.sid, cell: (part) => part.provider_sid ?? said.unknownStatus },
          { title: columns.status, cell: (part) => part.message_status ?? said.noMessage },
        ]}
      />
    </Section>
  );
}

function Body({ event }: { event: WebhookEventDetail }) {
  if (event.body === null) return null;
  return (
    <Section
      title={said.body}
      about={event.is_cut ? said.cut(count(event.size ?? 0)) : said.bodyAbout}
      actions={<CopyButton text={event.body} what={said.body} />}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre className={styles.body} tabIndex={0}>
        {event.body}
      </pre>
    </Section>
  );
}
