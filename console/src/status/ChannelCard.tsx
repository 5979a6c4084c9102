import { Link } from "@tanstack/react-router";
import type { ChannelCard as Card } from "@/api/schema";
import { ChatIcon, MailIcon, PhoneIcon, SmsIcon } from "@/parts/icons";
import { StatusBadge, type Tone } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { useMay } from "@/session/useMe";
import { words } from "@/words/status";
import { linkTo } from "./Linked";
import styles from "./Overview.module.css";

const ICONS = { email: MailIcon, phone: PhoneIcon, whatsapp: ChatIcon, sms: SmsIcon };
const PAGES = {
  email: "/settings/email-accounts",
  phone: "/settings/integrations?tab=phone",
  whatsapp: "/settings/integrations?tab=whatsapp",
  sms: "/settings/integrations?tab=sms",
};
const TONES: Record<Card["state"], Tone> = {
  working: "good",
  not_configured: "neutral",
  not_verified: "warn",
  needs_attention: "bad",
  turned_off: "neutral",
};

/** One channel: its badge in the guide's words, its last traffic, and one next step. It leads to its page. */
export function ChannelCard({ card }: { card: Card }) {
  const Icon = ICONS[card.channel];
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <span className={styles.icon}>
          <Icon />
        </span>
        <h2>
          <Link {...linkTo(PAGES[card.channel])} className={styles.link}>
            {words.channels[card.channel]}
          </Link>
        </h2>
      </div>
      <div>
        <StatusBadge tone={TONES[card.state]}>{badge(card)}</StatusBadge>
      </div>
      <p className={`${styles.address} ${card.address ? "" : "muted"}`}>{card.address ?? words.noAddress}</p>
      <dl className={styles.times}>
        <dt>{words.lastVerified}</dt>
        <dd>
          <When at={card.last_verified_at} />
        </dd>
        <dt>{words.lastInbound}</dt>
        <dd>
          <When at={card.last_inbound_at} />
        </dd>
        <dt>{words.lastOutbound}</dt>
        <dd>
          <When at={card.last_outbound_at} />
        </dd>
      </dl>
      <Next card={card} />
    </li>
  );
}

function Next({ card }: { card: Card }) {
  const mayDiagnose = useMay("diagnostics:view");
  const step = nextStep(card);
  return (
    <div className={styles.next}>
      <p className={step === words.nothingToDo ? "muted" : ""}>{step}</p>
      {card.state === "needs_attention" && mayDiagnose && (
        <Link to={"/operations/diagnostics" as never} className={styles.own}>
          {words.findCause}
        </Link>
      )}
    </div>
  );
}

function badge({ channel, state, count }: Card): string {
  if (state !== "working") return words.states[state];
  return channel === "email" ? words.working.email(count ?? 0) : words.working[channel];
}

function nextStep({ channel, state, problem, missing }: Card): string {
  if (state === "not_configured") return words.connect[channel];
  if (state === "not_verified") return words.test;
  const said = problem ?? missing[0]?.what;
  return said ? `${said.replace(/\.$/, "")}.` : words.nothingToDo;
}
