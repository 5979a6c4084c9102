import {
  ErrorResponse,
  InMemoryWebStorage,
  type User,
  UserManager,
  WebStorageStateStore,
} from "oidc-client-ts";
import type { Config } from "./config";
import type { SignedIn, SignInProvider } from "./provider";

/** Where the sign-in service sends people back to. */
export const RETURN_PATH = "/signed-in";

/** The name of the window in which a person signs in again. */
const WINDOW = "banxway-sign-in";

type SignIn = NonNullable<Config["sign_in"]>;

/**
 * Sign-in by OpenID Connect: authorization code with PKCE.
 *
 * Tokens stay in memory. Only the state of a sign-in that is under way is in `sessionStorage`, until its return.
 */
export class OidcProvider implements SignInProvider {
  private readonly manager: UserManager;

  constructor(private readonly settings: SignIn) {
    this.manager = new UserManager({
      authority: settings.issuer,
      client_id: settings.client_id,
      scope: settings.scope,
      response_type: "code",
      redirect_uri: `${window.location.origin}${RETURN_PATH}`,
      popup_redirect_uri: `${window.location.origin}${RETURN_PATH}`,
      post_logout_redirect_uri: `${window.location.origin}/signed-out`,
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
      popupWindowTarget: WINDOW,
      automaticSilentRenew: false,
      loadUserInfo: false,
      monitorSession: false,
    });
  }

  async resume(): Promise<SignedIn | undefined> {
    const { pathname } = window.location;
    if (pathname === RETURN_PATH) return this.comeBack();
    if (pathname === "/sign-in" || pathname === "/signed-out") return undefined;
    return this.leave({ prompt: "none" });
  }

  async renew(): Promise<SignedIn | undefined> {
    const user = await this.manager.getUser();
    // Without a refresh token only a hidden frame is left, whose cookies browsers refuse on another site.
    return user?.refresh_token ? signedIn(await this.manager.signinSilent()) : undefined;
  }

  async signIn(email?: string): Promise<SignedIn | undefined> {
    return this.leave({ login_hint: email });
  }

  async signInAgain(email: string): Promise<SignedIn | undefined> {
    return signedIn(await this.manager.signinPopup({ login_hint: email }));
  }

  async signOut(): Promise<void> {
    await this.manager.removeUser();
    const { client_id } = this.settings;
    const logout_uri = `${window.location.origin}/signed-out`;
    // Cognito names these two parameters differently from the standard, and ignores the standard's.
    await this.manager
      .signoutRedirect({ extraQueryParams: { client_id, logout_uri } })
      .catch(() => undefined);
  }

  /** Take what the sign-in service returned; in the window of `signInAgain`, hand it over and end there. */
  private async comeBack(): Promise<SignedIn | undefined> {
    // The state of a sign-in is in the storage of the window that began it; this one only passes the answer on.
    if (window.opener && window.name === WINDOW) {
      await this.manager.signinPopupCallback();
      return undefined;
    }
    try {
      const user = await this.manager.signinRedirectCallback();
      window.history.replaceState(null, "", typeof user.state === "string" ? user.state : "/");
      return signedIn(user);
    } catch (error) {
      // Nobody is signed in there: that is the usual answer after a reload.
      if (error instanceof ErrorResponse && error.error?.endsWith("_required")) return this.nobody();
      throw error;
    }
  }

  private nobody(): undefined {
    window.history.replaceState(null, "", "/sign-in");
    return undefined;
  }

  /** Go to the sign-in service; the page ends, so that this never returns. */
  private async leave(parameters: { prompt?: string; login_hint?: string | undefined }): Promise<undefined> {
    const { pathname, search, hash } = window.location;
    const state = pathname === "/sign-in" || pathname === "/signed-out" ? "/" : `${pathname}${search}${hash}`;
    await this.manager.signinRedirect({ ...parameters, state });
    return new Promise(() => undefined);
  }
}

// The API takes the ID token, whose audience is this client.
function signedIn(user: User | null): SignedIn | undefined {
  if (!user?.id_token) return undefined;
  return { token: user.id_token, email: user.profile.email ?? user.profile.sub };
}
