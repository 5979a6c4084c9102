import { Skeleton } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { failureOf } from "@/api/failure";
import { words } from "@/words/parts";
import { NotAllowed } from "./NotAllowed";
import { Problem } from "./Problem";

/** What of a query is shown; one of many pages is a query, too. */
interface Query<T> {
  data: T | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
}

interface Props<T> {
  query: Query<T>;
  /** What stands there while the first answer is awaited; rows of a list by default. */
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

/** What was loaded, in each of its states; what was loaded before stays visible under an error. */
export function Loaded<T>({ query, skeleton, children }: Props<T>) {
  const { data, error } = query;
  if (error !== null && failureOf(error).code === "not_permitted" && data === undefined)
    return <NotAllowed error={error} />;
  return (
    <>
      {error !== null && <Problem error={error} onRetry={() => void query.refetch()} />}
      {data !== undefined && children(data)}
      {data === undefined && error === null && <Later>{skeleton ?? <SkeletonRows />}</Later>}
    </>
  );
}

/** Show something only if it is still wanted after 150 ms, so that quick answers do not flicker. */
export function Later({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setShown(true), 150);
    return () => window.clearTimeout(timer);
  }, []);
  return <div aria-busy="true">{shown ? children : null}</div>;
}

/** Grey lines in place of a list's rows. */
export function SkeletonRows({ rows = 5 }: { rows?: number }) {
  const names = Array.from({ length: rows }, (_, row) => `row-${row}`);
  return (
    <div className="stack">
      <output className="unseen">{words.loading}</output>
      {names.map((name) => (
        <Skeleton key={name} height={32} />
      ))}
    </div>
  );
}
