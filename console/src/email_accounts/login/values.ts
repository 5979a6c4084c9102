import type { EmailAccount, EmailAccountLogin, MailboxPreset } from "@/api/schema";

export type Security = "starttls" | "tls";

/** What is typed of a mailbox's two logins; the names are the API's. An empty password keeps the stored one. */
export type LoginValues = {
  email: string;
  smtp_host: string;
  smtp_port: number | string;
  smtp_secure: Security;
  smtp_user: string;
  smtp_password: string;
  imap_host: string;
  imap_port: number | string;
  imap_tls: Security;
  imap_user: string;
  /** Only if it differs from that of SMTP. */
  imap_password: string;
};

export const SERVER_FIELDS = [
  "smtp_host",
  "smtp_port",
  "smtp_secure",
  "smtp_user",
  "imap_host",
  "imap_port",
  "imap_tls",
  "imap_user",
  "imap_password",
] as const;

export const noLogin: LoginValues = {
  email: "",
  smtp_host: "",
  smtp_port: 587,
  smtp_secure: "starttls",
  smtp_user: "",
  smtp_password: "",
  imap_host: "",
  imap_port: 993,
  imap_tls: "tls",
  imap_user: "",
  imap_password: "",
};

const security = (isTls: boolean): Security => (isTls ? "tls" : "starttls");

/** Return the servers of a preset; what a person must type is empty. */
export function serversOf(preset: MailboxPreset): Partial<LoginValues> {
  return {
    smtp_host: preset.smtp_host ?? "",
    smtp_port: preset.smtp_port,
    smtp_secure: security(preset.smtp_secure),
    imap_host: preset.imap_host ?? "",
    imap_port: preset.imap_port,
    imap_tls: security(preset.imap_tls),
  };
}

/** Return a stored mailbox's login; its passwords are never read. */
export function loginOf(account: EmailAccount): LoginValues {
  return {
    email: account.email,
    smtp_host: account.smtp_host,
    smtp_port: account.smtp_port,
    smtp_secure: security(account.smtp_secure),
    smtp_user: account.smtp_user,
    smtp_password: "",
    imap_host: account.imap_host,
    imap_port: account.imap_port,
    imap_tls: security(account.imap_tls),
    imap_user: account.imap_user,
    imap_password: "",
  };
}

/** Return the login as the API tests it. */
export function asLogin(values: LoginValues): EmailAccountLogin {
  return {
    email: values.email.trim(),
    smtp_host: values.smtp_host.trim(),
    smtp_port: Number(values.smtp_port),
    smtp_secure: values.smtp_secure === "tls",
    smtp_user: values.smtp_user.trim() || values.email.trim(),
    smtp_password: values.smtp_password,
    imap_host: values.imap_host.trim(),
    imap_port: Number(values.imap_port),
    imap_tls: values.imap_tls === "tls",
    imap_user: values.imap_user.trim() || values.email.trim(),
    imap_password: values.imap_password || values.smtp_password,
  };
}

/** Return the form's field that shows what is wrong with a field of the API. */
export function shownField(field: string, values: LoginValues): string {
  return field === "imap_password" && !values.imap_password ? "smtp_password" : field;
}
