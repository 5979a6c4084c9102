import { page } from "@/shell/route";

// Only a local build has customers to play.
export const routes =
  import.meta.env.MODE === "demo" ? [page("/sandbox", () => import("./SandboxPage"))] : [];
