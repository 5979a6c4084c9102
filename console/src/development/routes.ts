import { page } from "@/shell/route";

// Only a local build has the page of all parts.
export const routes = import.meta.env.MODE === "demo" ? [page("/parts", () => import("./PartsPage"))] : [];
