import { Link, type LinkProps } from "@tanstack/react-router";
import { When } from "@/parts/When";

/** Pages of the console, and what of the API has such a page, as the server's sentences name them. */
const PATH =
  /((?<!\/api\/v1)\/(?:api\/v1\/settings\/(?:audit-logs|diagnostics)|settings|operations)[\w/-]*(?:\?[\w=&.%-]*)?)/;
const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/;
const PAGE_OF: Record<string, string> = {
  "/api/v1/settings/audit-logs": "/operations/audit-log",
  "/api/v1/settings/diagnostics": "/operations/diagnostics",
};

/** Return the router's way to a path with a query. */
export function linkTo(path: string): Pick<LinkProps, "to"> {
  const [bare = "", query = ""] = path.split("?");
  const search = Object.fromEntries(new URLSearchParams(query));
  return { to: PAGE_OF[bare] ?? bare, search } as never;
}

/** A sentence of the server in which each page of the console is a link, and each instant is in local time. */
export function Linked({ text }: { text: string }) {
  const parts = text.split(PATH).flatMap((part, position) => (position % 2 ? [part] : part.split(INSTANT)));
  return parts.map((part, position) => {
    const key = `${position}-${part}`;
    return <Part key={key} text={part} />;
  });
}

function Part({ text }: { text: string }) {
  if (INSTANT.test(text)) return <When at={text} />;
  if (!PATH.test(text)) return text;
  const target = linkTo(text);
  return <Link {...target}>{String(target.to)}</Link>;
}
