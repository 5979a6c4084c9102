import { Link } from "@tanstack/react-router";
import { EmptyState } from "@/parts/EmptyState";
import { Page } from "@/parts/Page";
import { words } from "@/words/parts";

/** What an address without a page shows. */
export function NotFound() {
  return (
    <Page title={words.notFound.title}>
      <EmptyState
        title={words.notFound.title}
        why={words.notFound.body}
        action={<Link to="/settings">{words.notFound.action}</Link>}
      />
    </Page>
  );
}
