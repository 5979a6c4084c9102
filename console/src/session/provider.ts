/** Whom a token is for; null where the sign-in service did not say. */
export interface SignedIn {
  token: string;
  email: string;
}

/** A way to sign in: the local product's demo people, or a sign-in service by OpenID Connect. */
export interface SignInProvider {
  /** Return who is signed in without asking anybody: after a reload, or on the way back from the sign-in service. */
  resume(): Promise<SignedIn | undefined>;
  /** Return a new token for the same person without asking, or undefined if only the person can. */
  renew(): Promise<SignedIn | undefined>;
  /** Ask the person to sign in; may leave the page. `email` is who is expected. */
  signIn(email?: string): Promise<SignedIn | undefined>;
  /** Ask the person to sign in while this page stays as it is. */
  signInAgain(email: string): Promise<SignedIn | undefined>;
  /** End the session at the sign-in service too; may leave the page. */
  signOut(): Promise<void>;
}
