import { words } from "@/words/email_accounts";
import styles from "./Login.module.css";

/** The guide's steps to an app password, folded. */
export function AppPasswordHelp({ provider }: { provider: "zoho" | "custom" }) {
  return (
    <details className={styles.help}>
      <summary>{words.help.title}</summary>
      <ol>
        {words.help[provider].map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </details>
  );
}
