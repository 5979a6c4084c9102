import { Button } from "@mantine/core";
import { useId } from "react";
import type { DeadLetterGroup } from "@/api/schema";
import { StatusBadge } from "@/parts/StatusBadge";
import { When } from "@/parts/When";
import { useQueryText } from "@/shell/useQueryText";
import { words } from "@/words/dead_letters";
import type { Choice } from "./choice";
import styles from "./Group.module.css";
import { Items } from "./Items";
import type { State } from "./state";

export interface Actions {
  onRedrive: ((choice: Choice) => void) | undefined;
  onDiscard: ((choice: Choice) => void) | undefined;
}

/** The dead letters of one queue with one cause: what happened, what to do, and the list on demand. */
export function Group({ group, state, ...actions }: { group: DeadLetterGroup; state: State } & Actions) {
  const name = `${group.queue}.${group.cause}`;
  const [shown, setShown] = useQueryText("group");
  const isShown = shown === name;
  const heading = useId();
  const choice = { what: { queue: group.queue, cause: group.cause }, count: group.count };
  return (
    <section className={styles.group} aria-labelledby={heading}>
      <div className="spread">
        <div className="line">
          <h2 id={heading} className={styles.title}>
            {group.work}
          </h2>
          <StatusBadge tone={state === "open" ? "bad" : "neutral"}>{words.dead(group.count)}</StatusBadge>
        </div>
        <div className="line">
          {actions.onRedrive && (
            <Button size="xs" onClick={() => actions.onRedrive?.(choice)}>
              {words.redriveAll}
            </Button>
          )}
          {actions.onDiscard && (
            <Button size="xs" variant="default" onClick={() => actions.onDiscard?.(choice)}>
              {words.discardAll}
            </Button>
          )}
        </div>
      </div>
      <p className="break">{group.sentence}</p>
      {state === "open" && (
        <p className="muted">
          <strong>{words.advice}</strong> {group.advice}
        </p>
      )}
      <Facts group={group} />
      <div>
        <Button
          size="xs"
          variant="default"
          aria-expanded={isShown}
          onClick={() => setShown(isShown ? "" : name)}
        >
          {isShown ? words.hide : words.show}
        </Button>
      </div>
      {isShown && <Items group={group} state={state} {...actions} />}
    </section>
  );
}

function Facts({ group }: { group: DeadLetterGroup }) {
  return (
    <dl className={styles.facts}>
      <div>
        <dt className="unseen">{words.columns.customer}</dt>
        <dd>{group.customers ? words.customers(group.customers) : words.noCustomer}</dd>
      </div>
      <div>
        <dt>{words.firstFailed}</dt>
        <dd>
          <When at={group.first_failed_at} />
        </dd>
      </div>
      <div>
        <dt>{words.lastFailed}</dt>
        <dd>
          <When at={group.last_failed_at} />
        </dd>
      </div>
    </dl>
  );
}
