import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { Failure, unreachable } from "@/api/failure";
import { words } from "@/words/sandbox/page";

export interface ExotelAccount {
  account_sid: string;
  api_key: string;
  api_token: string;
  virtual_number: string | null;
  whatsapp_number: string | null;
  waba_id: string | null;
}

interface Server {
  host: string;
  port: number;
}

/** What a client needs to connect to the simulated providers. */
export interface Facts {
  exotel_accounts: ExotelAccount[];
  mailboxes: { email: string; password: string }[];
  smtp: Server;
  smtps: Server;
  imap: Server;
}

export interface Mail {
  id: number | string;
  at: string;
  account: string;
  message_id: string | null;
  references: string | null;
  from: string;
  to: string;
  cc: string;
  bcc?: string[];
  recipients?: string[];
  subject: string;
  text: string;
  files: string[];
}

export type Content = { type: string } & Record<string, unknown>;

/** A WhatsApp message of the product; `ladder` is what the customer's phone has reported. */
export interface SentMessage {
  sid: string;
  account_sid: string;
  sender: string;
  recipient: string;
  content: Content;
  accepted_at: string;
  ladder: { code: number; name: string }[];
}

/** A WhatsApp message of the customer; `arrived` is null while the product has not answered. */
export interface WrittenMessage {
  account_sid: string;
  sid?: string;
  from: string;
  to: string;
  timestamp: string;
  content: Content;
  posted_to: string | null;
  arrived: boolean | null;
}

export interface ProviderRequest {
  id: number;
  at: string;
  operation: string;
  fault: string | null;
  outcome: { status: number | null } | null;
}

export interface Broken {
  broken: { name: string; left: number | null }[];
  faults: { operation?: string; stage?: string; kind: string; times: number }[];
}

export interface Conversation extends Broken {
  received_mails: Mail[];
  written_mails: Mail[];
  messages: SentMessage[];
  incoming: WrittenMessage[];
  requests: ProviderRequest[];
  /** Where Exotel posts a customer's first message, by account; null while nobody has entered it. */
  addresses: Record<string, string | null>;
  phones_report: boolean;
}

const SHOWN_EVERY_MS = 1500;
const PILL_EVERY_MS = 5000;
const CONVERSATION = ["sandbox", "conversation"];

/** Ask the sandbox. Throws a Failure, with `details.field` where the sandbox names the field. */
export async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`/sandbox/api${path}`, {
    method,
    ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  }).catch(() => {
    throw unreachable();
  });
  const content = (await answer.json().catch(() => ({}))) as T & { error?: string };
  if (answer.ok) return content;
  throw refused(answer.status, content.error ?? words.noAnswer(answer.status));
}

function refused(status: number, error: string): Failure {
  const [, field, sentence] = /^(\w+): (.+)$/s.exec(error) ?? [];
  return new Failure(status, {
    error: sentence ?? error,
    code: "sandbox_refused",
    details: field ? { field } : {},
  });
}

export function useFacts(): UseQueryResult<Facts> {
  return useQuery({ queryKey: ["sandbox", "facts"], queryFn: () => ask<Facts>("GET", "/facts") });
}

/** Everything that was written and sent; new messages appear without a reload. */
export function useConversation(): UseQueryResult<Conversation> {
  return useQuery({
    queryKey: CONVERSATION,
    queryFn: () => ask<Conversation>("GET", "/conversation"),
    refetchInterval: SHOWN_EVERY_MS,
  });
}

/** What is broken; the header shows it on every page. */
export function useBroken(): Broken | undefined {
  return useQuery({
    queryKey: ["sandbox", "breakages"],
    queryFn: () => ask<Broken>("GET", "/breakages"),
    refetchInterval: PILL_EVERY_MS,
  }).data;
}

/** The texts of an account's WhatsApp templates, by name. */
export function useTemplates(): Record<string, string> {
  const { data } = useQuery({
    queryKey: ["sandbox", "accounts"],
    queryFn: () => ask<{ accounts: { templates: Template[] }[] }>("GET", "/accounts"),
    staleTime: 60_000,
  });
  const templates = data?.accounts.flatMap((account) => account.templates) ?? [];
  return Object.fromEntries(templates.map((each) => [each.name, bodyOf(each)]));
}

interface Template {
  name: string;
  components: { type: string; text?: string }[];
}

function bodyOf(template: Template): string {
  return template.components.find((each) => each.type === "BODY")?.text ?? "";
}

/** Return how to do something at the sandbox and show its effect at once. */
export function useAct(): <T>(method: string, path: string, body?: object) => Promise<T> {
  const queries = useQueryClient();
  return async (method, path, body) => {
    try {
      return await ask(method, path, body);
    } finally {
      void queries.invalidateQueries({ queryKey: ["sandbox"] });
    }
  };
}
