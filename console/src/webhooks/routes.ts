import { page } from "@/shell/route";
import { words } from "@/words/parts";

const access = { permission: "webhooks:view", roles: words.roles.adminOrManager };

export const routes = [
  page("/operations/webhooks", () => import("./WebhooksPage"), access),
  page("/operations/webhooks/$eventId", () => import("./WebhookPage"), access),
];
