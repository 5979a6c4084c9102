import createClient from "openapi-fetch";
import createQueries from "openapi-react-query";
import { session } from "@/session/session";
import { type Failure, failureIn, unreachable } from "./failure";
import type { paths } from "./schema";

/**
 * Send a request with the session's token.
 *
 * If the session has expired, it is renewed silently, then by a dialog over the page, and the request is sent again:
 * an expired token was refused before anything was done. Throws a Failure for everything but a success.
 */
async function authorized(request: Request): Promise<Response> {
  let token = session.token();
  let answer = await sent(request, token);
  for (const renew of [session.renewSilently, session.askToSignIn]) {
    if (answer.ok) return answer;
    const failure = await failureIn(answer);
    if (failure.reason !== "session_expired") throw refused(failure);
    token = await renew(token, failure);
    answer = await sent(request, token);
  }
  if (answer.ok) return answer;
  throw refused(await failureIn(answer));
}

async function sent(request: Request, token: string | undefined): Promise<Response> {
  const attempt = request.clone();
  if (token) attempt.headers.set("Authorization", `Bearer ${token}`);
  try {
    return await fetch(attempt);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

/** Return the failure; one that no new token would cure ends the session, with its reason on the sign-in page. */
function refused(failure: Failure): Failure {
  if (failure.status === 401 && failure.reason !== "session_expired") session.end(failure);
  return failure;
}

/** The API, typed by openapi.json. Every call throws a Failure for an answer that is not a success. */
export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: authorized });

/** The API as hooks of TanStack Query; a query's key is its method, path and parameters. */
export const api = createQueries(client);
