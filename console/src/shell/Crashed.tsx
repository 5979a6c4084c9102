import { Page } from "@/parts/Page";
import { Problem } from "@/parts/Problem";
import { words } from "@/words/shell";

/** What a page shows that stopped by a fault of the console, or whose code could not be loaded. */
export function Crashed({ error }: { error: unknown }) {
  return (
    <Page title={words.crashed}>
      <Problem error={error} title={words.crashed} onRetry={() => window.location.reload()} />
    </Page>
  );
}
