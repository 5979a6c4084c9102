import { words } from "@/words/email_accounts";
import type { LoginValues } from "./values";

const { required } = words.form;

const port = (value: number | string) => {
  const number = Number(value);
  return Number.isInteger(number) && number >= 1 && number <= 65535 ? null : required.port;
};
const filled = (sentence: string) => (value: string) => (value.trim() ? null : sentence);

/** The checks of a login's fields; the server has the last word. */
export const loginChecks = {
  email: filled(required.email),
  smtp_host: filled(required.host),
  smtp_port: port,
  imap_host: filled(required.host),
  imap_port: port,
} satisfies Partial<Record<keyof LoginValues, unknown>>;

export const checkPassword = filled(required.password);
export const checkName = filled(required.name);
