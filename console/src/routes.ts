import { type AnyRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { rootRoute } from "./shell/route";

/** Every area brings its pages in a file `routes.ts`. */
const AREAS = import.meta.glob<{ routes: AnyRoute[] }>("./*/routes.ts", { eager: true });

/** Paths that only redirect: the first page, and where a sign-in begins and returns. */
const FIRST = "/settings";
const redirects = ["/", "/sign-in", "/signed-in", "/signed-out"].map((path) =>
  createRoute({
    getParentRoute: () => rootRoute,
    path,
    beforeLoad: () => {
      throw redirect({ to: FIRST });
    },
  }),
);

const pages = Object.values(AREAS).flatMap((area) => area.routes);

export const router = createRouter({
  routeTree: rootRoute.addChildren([...redirects, ...pages]),
  scrollRestoration: true,
  scrollToTopSelectors: ["#content"],
  defaultPreload: "intent",
});
