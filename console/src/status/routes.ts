import { page } from "@/shell/route";
import { words } from "@/words/parts";

export const routes = [
  page("/settings", () => import("./OverviewPage"), { permission: "status:view" }),
  page("/notifications", () => import("./NotificationsPage"), { permission: "status:view" }),
  page("/operations/diagnostics", () => import("./DiagnosticsPage"), {
    permission: "diagnostics:view",
    roles: words.roles.adminOrManager,
  }),
];
