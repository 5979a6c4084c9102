import { useRef, useState } from "react";
import { client } from "@/api/client";
import { failureOf } from "@/api/failure";
import type { EmailAccountCheck, EmailAccountLogin } from "@/api/schema";
import { toastDone, toastFailed } from "@/parts/toasts";
import { words } from "@/words/email_accounts";

export interface FinishedTest {
  check: EmailAccountCheck;
  seconds: number;
}

export interface MailTest {
  busy: boolean;
  /** When the running test began, in milliseconds of `performance.now()`. */
  began: number;
  finished: FinishedTest | undefined;
  problem: unknown;
  /** Test a login and return what was found; undefined if nothing could be tested. */
  run: (login: EmailAccountLogin) => Promise<EmailAccountCheck | undefined>;
  /** Show what a refused save found. */
  show: (check: EmailAccountCheck, seconds: number) => void;
  forget: () => void;
}

/** Return a test of a mailbox's two logins; a password is in the request only, and kept nowhere. */
export function useMailTest(): MailTest {
  const [busy, setBusy] = useState(false);
  const [finished, setFinished] = useState<FinishedTest>();
  const [problem, setProblem] = useState<unknown>();
  const began = useRef(0);

  const run = async (login: EmailAccountLogin) => {
    setBusy(true);
    setFinished(undefined);
    setProblem(undefined);
    began.current = performance.now();
    try {
      const check = await checked(login);
      setFinished({ check, seconds: (performance.now() - began.current) / 1000 });
      announce(check);
      return check;
    } catch (error) {
      setProblem(error);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    began: began.current,
    finished,
    problem,
    run,
    show: (check, seconds) => setFinished({ check, seconds }),
    forget: () => {
      setFinished(undefined);
      setProblem(undefined);
    },
  };
}

/** A login that fails is an answer with `data`, in which each half says what it found. */
async function checked(login: EmailAccountLogin): Promise<EmailAccountCheck> {
  try {
    const { data } = await client.POST("/api/v1/settings/email-accounts/test", { body: login });
    if (data) return data.data;
  } catch (error) {
    const failure = failureOf(error);
    if (isCheck(failure.data)) return failure.data;
    throw error;
  }
  throw new Error("no answer");
}

/** Return whether a value is what a test of a mailbox found. */
export function isCheck(value: unknown): value is EmailAccountCheck {
  return typeof value === "object" && value !== null && "smtp" in value && "imap" in value;
}

/** Return both results in one line, in the guide's words. */
export function lineOf(check: EmailAccountCheck): string {
  const said = (half: EmailAccountCheck["smtp"] | EmailAccountCheck["imap"]) =>
    half.success ? words.test.ok : words.test.failed(half.error ?? "");
  return words.test.line(said(check.smtp), said(check.imap));
}

function announce(check: EmailAccountCheck): void {
  const works = check.smtp.success && check.imap.success;
  (works ? toastDone : toastFailed)(lineOf(check), "mail-test");
}
