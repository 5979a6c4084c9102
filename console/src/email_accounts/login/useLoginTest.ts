import type { UseFormReturnType } from "@mantine/form";
import { flushSync } from "react-dom";
import { Failure, failureOf } from "@/api/failure";
import type { EmailAccountCheck } from "@/api/schema";
import { isCheck, type MailTest, useMailTest } from "./useMailTest";
import { asLogin, type LoginValues, shownField } from "./values";

const TESTED = ["email", "smtp_password", "smtp_host", "smtp_port", "imap_host", "imap_port"] as const;

export interface LoginTest {
  busy: boolean;
  test: MailTest;
  /** Test what is typed, if it is complete; each half that fails marks its field. */
  run: () => Promise<void>;
  /** Do something that tests the login first, and show what the test found if it is refused. */
  refused: (act: () => Promise<unknown>) => Promise<void>;
}

/** Return the test of the login that is typed into a form. */
export function useLoginTest<Values extends LoginValues>(form: UseFormReturnType<Values>): LoginTest {
  const test = useMailTest();
  const mark = (check: EmailAccountCheck) => {
    for (const half of [check.imap, check.smtp])
      if (half.field) form.setFieldError(shownField(half.field, form.getValues()), half.error);
  };
  const run = async () => {
    const wrong = TESTED.map((name) => form.validateField(name).hasError);
    if (wrong.includes(true)) return focusFirst();
    const check = await test.run(asLogin(form.getValues()));
    if (check) mark(check);
  };
  const refused = async (act: () => Promise<unknown>) => {
    const began = performance.now();
    test.forget();
    try {
      await act();
    } catch (error) {
      const { check } = failureOf(error).details;
      if (!isCheck(check)) throw error;
      test.show(check, (performance.now() - began) / 1000);
      flushSync(() => mark(check));
      focusFirst();
      throw withoutCheck(failureOf(error));
    }
  };
  return { busy: test.busy, test, run, refused };
}

/** Each half is marked with its own sentence: what remains is that nothing was saved. */
function withoutCheck(failure: Failure): Failure {
  const { check: _, field: __, ...details } = failure.details;
  return new Failure(failure.status, { ...failure, error: failure.error, details });
}

function focusFirst(): void {
  window.requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus(),
  );
}
