import { page } from "@/shell/route";
import { words } from "@/words/parts";

export const routes = [
  page("/operations/audit-log", () => import("./AuditLogPage"), {
    permission: "audit:view",
    roles: words.roles.adminOrManager,
  }),
];
