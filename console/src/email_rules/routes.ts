import { page } from "@/shell/route";
import { words } from "@/words/parts";

const access = { permission: "email_rules:view", roles: words.roles.adminOrManager };

export const routes = [
  page("/settings/rules", () => import("./RulesPage"), access),
  page("/settings/rules/$ruleId", () => import("./RulePage"), access),
];
