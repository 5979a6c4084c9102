import { page } from "@/shell/route";

export const routes = [
  page("/settings/phone-numbers", () => import("./PhoneNumbersPage"), { permission: "phone_numbers:view" }),
];
