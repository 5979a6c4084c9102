import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Notice } from "@/parts/Notice";
import { words } from "@/words/sandbox/page";

interface Props {
  what: string;
  /** The page on which it is connected. */
  to: string;
  tab?: string;
  page: string;
  onCredentials: () => void;
}

/** Says that no organization reads what the customer writes yet, and how to connect one. */
export function NotConnected({ what, to, tab, page, onCredentials }: Props) {
  return (
    <Notice tone="info" title={words.notConnected.title(what)}>
      <p>{words.notConnected.why}</p>
      <div className="line">
        <Button size="xs" variant="default" onClick={onCredentials}>
          {words.notConnected.credentials}
        </Button>
        <Link to={to} search={{ tab } as never}>
          {words.notConnected.open(page)}
        </Link>
      </div>
    </Notice>
  );
}
