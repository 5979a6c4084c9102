import { type ReactNode, useId } from "react";
import styles from "./Section.module.css";

/** A titled block of a page. */
export function Section(props: { title: string; about?: string; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <header className="spread">
        <div>
          <h2 id={id}>{props.title}</h2>
          {props.about && <p className="muted">{props.about}</p>}
        </div>
        {props.actions && <div className="line">{props.actions}</div>}
      </header>
      {props.children}
    </section>
  );
}
