import { useQuery, useQueryClient } from "@tanstack/react-query";
import { session } from "@/session/session";

/** What the product's organizations have connected to the simulated providers. */
export interface Connections {
  /** The organization that uses a mailbox, by its address. */
  mailboxes: Record<string, string>;
  /** The organization that uses a WhatsApp number, and its callback address, by the number. */
  whatsapp: Record<string, { organization: string; callbackUrl: string | null }>;
  /** The organization that uses a telephone number, by the number. */
  phone: Record<string, string>;
}

interface Person {
  email: string;
  role: string;
  organization: string;
}

interface Integration {
  integration_type: string;
  callback_url: string | null;
  settings: Record<string, unknown>;
}

const KEY = ["sandbox", "connections"];

/**
 * Ask the product, as each organization's admin, what is connected. Only the local product lets anybody ask as them.
 *
 * It is asked again when the page gets the focus, as after connecting something in another tab.
 */
export function useConnections(): Connections | undefined {
  return useQuery({
    queryKey: KEY,
    queryFn: connections,
    staleTime: 5_000,
    refetchOnWindowFocus: "always",
  }).data;
}

/** Return how to ask at once, before something is sent. */
export function useAskConnections(): () => Promise<Connections> {
  const queries = useQueryClient();
  return () => queries.fetchQuery({ queryKey: KEY, queryFn: connections, staleTime: 0 });
}

async function connections(): Promise<Connections> {
  const found: Connections = { mailboxes: {}, whatsapp: {}, phone: {} };
  for (const admin of await admins()) {
    const token = await tokenOf(admin.email);
    if (!token) continue;
    const [integrations, mailboxes] = await Promise.all([
      list<Integration>("/api/v1/settings/integrations", token),
      list<{ email: string }>("/api/v1/settings/email-accounts", token),
    ]);
    for (const each of integrations) add(found, each, admin.organization);
    for (const each of mailboxes) found.mailboxes[each.email] = admin.organization;
  }
  return found;
}

function add(found: Connections, integration: Integration, organization: string): void {
  const { integration_type: type, callback_url: callbackUrl, settings } = integration;
  if (type === "exotel_whatsapp")
    found.whatsapp[String(settings.whatsapp_number)] = { organization, callbackUrl };
  if (type === "exotel_phone") found.phone[String(settings.virtual_number)] = organization;
}

/** The demo organizations' admins, and the person who is signed in here. */
async function admins(): Promise<Person[]> {
  const { demo_users } = (await (await fetch("/local/info")).json()) as { demo_users: Person[] };
  const found = demo_users.filter((person) => person.role === "admin");
  const { email } = session.current();
  const known = demo_users.some((person) => person.email === email);
  return email && !known ? [...found, { email, role: "admin", organization: email }] : found;
}

async function tokenOf(email: string): Promise<string | undefined> {
  const answer = await fetch("/local/token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email }),
  });
  return answer.ok ? ((await answer.json()) as { token: string }).token : undefined;
}

async function list<T>(path: string, token: string): Promise<T[]> {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  return answer.ok ? ((await answer.json()) as { data: T[] }).data : [];
}
