import { Link, Outlet } from "@tanstack/react-router";
import { Suspense } from "react";
import { config } from "@/session/config";
import { EnvironmentPill } from "@/shell/EnvironmentPill";
import { words } from "@/words/sandbox/page";
import { words as shellWords } from "@/words/shell";
import styles from "./OpenFrame.module.css";

/** The frame of the sandbox for somebody who is not signed in: customers are nobody's members. */
export default function OpenFrame() {
  return (
    <div className={styles.frame}>
      <header className={styles.header}>
        <strong>{shellWords.product}</strong>
        <EnvironmentPill config={config()} />
        <span className={styles.spring} />
        <Link to="/settings">{words.signIn}</Link>
      </header>
      <main id="content" className={styles.main} tabIndex={-1}>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
