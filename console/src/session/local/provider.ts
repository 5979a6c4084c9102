import { Failure, unreachable } from "@/api/failure";
import type { SignedIn, SignInProvider } from "../provider";

const REMEMBERED = "banxway-local-email";

/** Sign-in at the local product, which has no passwords. This tab remembers who it was, and never a token. */
export class LocalProvider implements SignInProvider {
  async resume(): Promise<SignedIn | undefined> {
    const email = window.sessionStorage.getItem(REMEMBERED);
    return email ? this.signIn(email).catch(() => undefined) : undefined;
  }

  async renew(): Promise<SignedIn | undefined> {
    return this.resume();
  }

  async signIn(email?: string): Promise<SignedIn | undefined> {
    if (!email) return undefined;
    const token = await tokenOf(email);
    window.sessionStorage.setItem(REMEMBERED, email);
    return { token, email };
  }

  async signInAgain(email: string): Promise<SignedIn | undefined> {
    return this.signIn(email);
  }

  async signOut(): Promise<void> {
    window.sessionStorage.removeItem(REMEMBERED);
  }
}

async function tokenOf(email: string): Promise<string> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ email });
  const answer = await fetch("/local/token", { method: "POST", headers, body }).catch(() => {
    throw unreachable();
  });
  const said = (await answer.json()) as { token?: string; error?: string };
  if (!said.token) throw new Failure(answer.status, { ...said, code: "not_authenticated" });
  return said.token;
}
