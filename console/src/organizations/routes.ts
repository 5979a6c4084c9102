import { page } from "@/shell/route";

export const routes = [
  page("/settings/organization", () => import("./OrganizationPage"), { permission: "organizations:view" }),
];
