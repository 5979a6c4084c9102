import styles from "./HtmlPreview.module.css";

/** A plain text as a mail shows it. */
export function TextPreview({ text, label }: { text: string; label: string }) {
  return (
    <section className={`${styles.preview} ${styles.text}`} aria-label={label}>
      {text}
    </section>
  );
}
