import { Link, type LinkProps } from "@tanstack/react-router";

/** Pages of the console, and what of the API has such a page, as the server's sentences name them. */
const PATH =
  /(\/(?:api\/v1\/settings\/(?:audit-logs|diagnostics)|settings|operations)[\w/-]*(?:\?[\w=&.%-]*)?)/;
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

/** A sentence of the server in which each page of the console is a link. */
export function Linked({ text }: { text: string }) {
  return text.split(PATH).map((part, position) => {
    const key = `${position}-${part}`;
    if (position % 2 === 0) return <span key={key}>{part}</span>;
    const target = linkTo(part);
    return (
      <Link key={key} {...target}>
        {String(target.to)}
      </Link>
    );
  });
}
