import { Notice } from "@/parts/Notice";
import { words } from "@/words/email_rules";

/** What keeps rules from doing harm. */
export function LoopLimits() {
  return (
    <Notice tone="info" title={words.limitsTitle}>
      <ul className="list">
        {words.limits.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </Notice>
  );
}
