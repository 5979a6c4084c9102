import { type ReactNode, useEffect } from "react";
import { words } from "@/words/shell";
import styles from "./Page.module.css";

interface Props {
  title: string;
  /** One sentence: what this page is for. */
  about?: string;
  actions?: ReactNode;
  /** The page's widest content; "wide" for tables. */
  width?: "form" | "wide";
  children: ReactNode;
}

/** A page: its title, its actions, and its content, which scrolls. The document's title follows. */
export function Page({ title, about, actions, width = "wide", children }: Props) {
  useEffect(() => {
    document.title = words.documentTitle(title);
  }, [title]);
  return (
    <div className={styles.page} data-width={width}>
      <header className={styles.header}>
        <div className={styles.heading}>
          <h1>{title}</h1>
          {about && <p className="muted">{about}</p>}
        </div>
        {actions && <div className="line">{actions}</div>}
      </header>
      <div className={styles.content}>{children}</div>
    </div>
  );
}
