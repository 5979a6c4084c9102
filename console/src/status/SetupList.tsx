import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { SetupStep } from "@/api/schema";
import { CheckIcon, DotIcon } from "@/parts/icons";
import { Section } from "@/parts/Section";
import { words } from "@/words/status";
import { linkTo } from "./Linked";
import styles from "./Overview.module.css";

/** What a new organization has to do; nothing once all of it is done. */
export function SetupList({ steps }: { steps: SetupStep[] }) {
  const done = steps.filter((step) => step.is_done).length;
  if (done === steps.length) return null;
  return (
    <Section title={words.setup.title(done, steps.length)} about={words.setup.about}>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
    </Section>
  );
}

function Step({ step }: { step: SetupStep }) {
  const { title, text, action } = words.setup.steps[step.name];
  return (
    <li className={styles.step} data-done={step.is_done}>
      <span className={styles.mark}>{step.is_done ? <CheckIcon /> : <DotIcon />}</span>
      <div>
        <strong>{title}</strong>{" "}
        <span className="unseen">{step.is_done ? words.setup.done : words.setup.open}</span>
        <p className="muted">{text}</p>
      </div>
      {!step.is_done && step.page && (
        <Button component={Link} {...linkTo(step.page)} size="xs" variant="default">
          {action}
        </Button>
      )}
    </li>
  );
}
