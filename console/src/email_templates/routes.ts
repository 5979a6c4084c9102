import { page } from "@/shell/route";

const access = { permission: "email_templates:view" };

export const routes = [
  page("/settings/templates", () => import("./TemplatesPage"), access),
  page("/settings/templates/$templateId", () => import("./TemplatePage"), access),
];
