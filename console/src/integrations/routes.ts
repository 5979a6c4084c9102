import { page } from "@/shell/route";
import { words } from "@/words/parts";

export const routes = [
  page("/settings/integrations", () => import("./IntegrationsPage"), {
    permission: "integrations:view",
    roles: words.roles.admin,
  }),
];
