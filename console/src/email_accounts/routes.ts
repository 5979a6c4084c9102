import { page } from "@/shell/route";

const access = { permission: "email_accounts:view" };

export const routes = [
  page("/settings/email-accounts", () => import("./EmailAccountsPage"), access),
  page("/settings/email-accounts/$accountId", () => import("./account/EmailAccountPage"), access),
];
