import { page } from "@/shell/route";

export const routes = [
  page("/operations/encryption", () => import("./EncryptionPage"), { permission: "encryption:rotate" }),
];
