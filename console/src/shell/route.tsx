import { type AnyRoute, createRootRoute, createRoute, useLocation } from "@tanstack/react-router";
import { type ComponentType, lazy, type ReactNode } from "react";
import { Later, SkeletonRows } from "@/parts/Loaded";
import { NotAllowed } from "@/parts/NotAllowed";
import { Page } from "@/parts/Page";
import { SignIn } from "@/session/SignIn";
import { useMe } from "@/session/useMe";
import { useSession } from "@/session/useSession";
import { words as partWords } from "@/words/parts";
import { Crashed } from "./Crashed";
import { NotFound } from "./NotFound";
import { isOpen, OpenFrame } from "./open";
import { Shell } from "./Shell";

/** The frame of every page; its children are the areas' routes. */
export const rootRoute = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

/** A person without a session sees only the pages that need none. */
function Frame() {
  const { pathname } = useLocation();
  if (useSession().phase === "signed_in" || !OpenFrame) return <Shell />;
  return isOpen(pathname) ? <OpenFrame /> : <SignIn />;
}

interface Access {
  /** The permission that the page's first request needs; nothing for a page that everybody may open. */
  permission?: string;
  /** Who has it, as the page says to those who have not. */
  roles?: string;
}

/**
 * Return the route of a page whose module is loaded when it is opened first; its default export is the page.
 *
 * Somebody without the permission sees who has it. The API refuses, too.
 */
export function page(
  path: string,
  load: () => Promise<{ default: ComponentType }>,
  access: Access = {},
): AnyRoute {
  const Content = lazy(load);
  return createRoute({
    getParentRoute: () => rootRoute,
    path,
    errorComponent: Crashed,
    component: () =>
      access.permission ? (
        <Guarded {...access}>
          <Content />
        </Guarded>
      ) : (
        <Content />
      ),
  });
}

function Guarded({ permission, roles, children }: Access & { children: ReactNode }) {
  const me = useMe();
  if (!permission || me?.permissions.includes(permission)) return children;
  return (
    <Page title={me ? partWords.notAllowed.title : partWords.loading}>
      {me ? (
        <NotAllowed role={roles ?? partWords.roles.admin} />
      ) : (
        <Later>
          <SkeletonRows />
        </Later>
      )}
    </Page>
  );
}
