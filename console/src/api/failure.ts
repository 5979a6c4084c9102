import { words } from "@/words/failures";

/** What the API says about a request that it did not carry out. */
export interface FailureBody {
  success: false;
  error: string;
  code: string;
  details: Record<string, unknown>;
  request_id: string;
}

/**
 * A request that was not carried out.
 *
 * `status` is 0 and `code` is "unreachable" if no answer came: whether a change was made is then unknown.
 */
export class Failure extends Error implements FailureBody {
  readonly success = false;
  readonly error: string;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly request_id: string;
  /** What was found, where that is the answer and not an error, such as the two halves of a mailbox's test. */
  readonly data: unknown;

  constructor(
    readonly status: number,
    body: Partial<FailureBody> & { data?: unknown },
  ) {
    const error = body.error ?? words.withoutSentence;
    super(error);
    this.error = error;
    this.code = body.code ?? "unreadable_answer";
    this.details = body.details ?? {};
    this.request_id = body.request_id ?? "";
    this.data = body.data;
  }

  /** The stable word for what happened, if there is one. */
  get reason(): string | undefined {
    return this.text("reason");
  }

  /** The field that must be corrected, if it is one. */
  get field(): string | undefined {
    return this.text("field");
  }

  /** Return one of the details if it is a text. */
  text(name: string): string | undefined {
    const value = this.details[name];
    return typeof value === "string" ? value : undefined;
  }
}

/** Return what went wrong as a Failure, also for an error of the console itself. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure(0, { error: words.fault, code: "console_fault", details: { fault: String(error) } });
}

/** Return the Failure of an answer that is not a success. */
export async function failureIn(answer: Response): Promise<Failure> {
  const body: unknown = await answer.json().catch(() => null);
  return new Failure(answer.status, isBody(body) ? body : {});
}

/** Return the Failure of a request to which no answer came. */
export function unreachable(): Failure {
  return new Failure(0, { error: words.unreachable, code: "unreachable" });
}

function isBody(body: unknown): body is Partial<FailureBody> & { data?: unknown } {
  return typeof body === "object" && body !== null && ("error" in body || "data" in body);
}
