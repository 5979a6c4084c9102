import { Failure, failureOf } from "@/api/failure";
import { words } from "@/words/session";
import type { SignedIn, SignInProvider } from "./provider";

/** Where the sign-in stands. `failure` is why the former session ended, `asks` whether the dialog is open. */
export interface SessionState {
  phase: "starting" | "signed_out" | "signed_in";
  email: string;
  asks: boolean;
  failure: Failure | undefined;
}

const SIGNED_OUT: SessionState = { phase: "signed_out", email: "", asks: false, failure: undefined };

/**
 * The one session of this page. Its token is kept in memory only.
 *
 * Signing out in one tab signs out the others, too.
 */
class Session {
  private state: SessionState = { ...SIGNED_OUT, phase: "starting" };
  private signedIn: SignedIn | undefined;
  private provider: SignInProvider | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly ends = new Set<() => void>();
  private readonly tabs = new BroadcastChannel("banxway-session");
  private renewal: Promise<void> | undefined;
  private waiting: { resolve: () => void; reject: (failure: Failure) => void } | undefined;

  constructor() {
    this.tabs.onmessage = () => this.close(undefined);
  }

  /** Begin with a way to sign in, and resume a session if that needs no question. */
  async begin(provider: SignInProvider | undefined): Promise<void> {
    this.provider = provider;
    try {
      this.take(await provider?.resume());
    } catch (error) {
      this.close(failureOf(error));
    }
  }

  token = (): string | undefined => this.signedIn?.token;

  current = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Call `action` whenever a session ends: what it had loaded must not be seen by the next person. */
  onEnd(action: () => void): void {
    this.ends.add(action);
  }

  /** Sign in from the sign-in page. Throws what the provider throws. */
  async signIn(email?: string): Promise<void> {
    this.take(await this.provider?.signIn(email));
  }

  /** Return a token newer than `stale`, without asking; the stale one if that is impossible. */
  renewSilently = async (stale: string | undefined): Promise<string | undefined> => {
    if (this.token() !== stale) return this.token();
    this.renewal ??= this.renew().finally(() => {
      this.renewal = undefined;
    });
    await this.renewal;
    return this.token();
  };

  /** Open the dialog, and return the token once the same person has signed in. Throws `failure` if nobody does. */
  askToSignIn = async (stale: string | undefined, failure: Failure): Promise<string | undefined> => {
    if (this.token() !== stale) return this.token();
    this.renewal ??= new Promise<void>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.show({ asks: true, failure });
    }).finally(() => {
      this.renewal = undefined;
    });
    await this.renewal;
    return this.token();
  };

  /** Sign in from the dialog. Throws a Failure for another person: the page is still the former one's. */
  async signInAgain(): Promise<void> {
    const expected = this.state.email;
    const signedIn = await this.provider?.signInAgain(expected);
    if (!signedIn) return;
    if (signedIn.email !== expected) {
      throw new Failure(0, { error: words.otherPerson(expected), code: "not_authenticated" });
    }
    this.take(signedIn);
    this.waiting?.resolve();
  }

  /** End the session because the API no longer accepts its user; the sign-in page shows why. */
  end(failure: Failure): void {
    this.close(failure);
  }

  /** Sign out here, in the other tabs and at the sign-in service. */
  async signOut(): Promise<void> {
    this.tabs.postMessage("ended");
    this.close(undefined);
    await this.provider?.signOut();
  }

  private async renew(): Promise<void> {
    const signedIn = await this.provider?.renew().catch(() => undefined);
    if (signedIn && signedIn.email === this.state.email) this.take(signedIn);
  }

  private take(signedIn: SignedIn | undefined): void {
    if (!signedIn) {
      this.close(undefined);
      return;
    }
    this.signedIn = signedIn;
    this.show({ phase: "signed_in", email: signedIn.email, asks: false, failure: undefined });
  }

  private close(failure: Failure | undefined): void {
    this.signedIn = undefined;
    this.waiting?.reject(failure ?? new Failure(401, { error: words.signedOut, code: "not_authenticated" }));
    this.waiting = undefined;
    for (const end of this.ends) end();
    this.show({ ...SIGNED_OUT, failure });
  }

  private show(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session();
