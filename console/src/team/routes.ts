import { page } from "@/shell/route";
import { words } from "@/words/parts";

export const routes = [
  page("/settings/team", () => import("./TeamPage"), {
    permission: "team:view",
    roles: words.roles.adminOrManager,
  }),
  page("/profile", () => import("./ProfilePage"), { permission: "team:view_own" }),
];
