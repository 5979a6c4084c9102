import { page } from "@/shell/route";
import { words } from "@/words/parts";

export const routes = [
  page("/operations/dead-letters", () => import("./DeadLettersPage"), {
    permission: "dead_letters:view",
    roles: words.roles.adminOrManager,
  }),
];
