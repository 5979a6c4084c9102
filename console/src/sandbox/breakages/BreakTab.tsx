import { Button, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/parts/Problem";
import { Section } from "@/parts/Section";
import { StatusBadge } from "@/parts/StatusBadge";
import { breakages } from "@/words/sandbox/breakages";
import { words } from "@/words/sandbox/page";
import { type Conversation, useAct } from "../api";
import { DescribedSwitch } from "../DescribedSwitch";
import styles from "./Breakages.module.css";

const SIDES = ["exotel", "mail"] as const;

/** Everything that can be broken, in plain words, each with a switch. */
export function BreakTab({ conversation }: { conversation: Conversation }) {
  const act = useAct();
  const [once, setOnce] = useState("lasting");
  const [problem, setProblem] = useState<unknown>();
  const change = async (name: string, breaks: boolean) => {
    setProblem(undefined);
    const times = once === "once" ? 1 : null;
    const done = breaks ? act("POST", "/breakages", { name, times }) : act("DELETE", `/breakages/${name}`);
    await done.catch(setProblem);
  };
  return (
    <div className="stack">
      <div className="spread">
        <SegmentedControl
          aria-label={words.break.howLong}
          value={once}
          onChange={setOnce}
          data={[
            { value: "lasting", label: words.break.lasting },
            { value: "once", label: words.break.once },
          ]}
        />
        <Standing conversation={conversation} />
      </div>
      {problem ? <Problem error={problem} /> : null}
      {SIDES.map((side) => (
        <Section key={side} title={words.break.sides[side]} about={words.break.abouts[side]}>
          <ul className={styles.list}>
            {Object.keys(breakages)
              .filter((name) => name.startsWith(`${side}.`))
              .map((name) => (
                <Row key={name} name={name} conversation={conversation} onChange={change} />
              ))}
          </ul>
        </Section>
      ))}
    </div>
  );
}

/** How much is broken, in one line: it never moves the switches below. */
function Standing({ conversation: { broken, faults } }: { conversation: Conversation }) {
  const act = useAct();
  const count = broken.length + faults.length;
  return (
    <div className="line" role="status">
      <StatusBadge tone={count ? "warn" : "good"}>
        {count ? words.broken.title(count) : words.broken.nothing}
      </StatusBadge>
      <Button size="xs" disabled={count === 0} onClick={() => void act("DELETE", "/breakages")}>
        {words.broken.repairAll}
      </Button>
    </div>
  );
}

interface RowProps {
  name: string;
  conversation: Conversation;
  onChange: (name: string, breaks: boolean) => Promise<void>;
}

function Row({ name, conversation, onChange }: RowProps) {
  const broken = conversation.broken.find((each) => each.name === name);
  const about = breakages[name];
  return (
    <li className={styles.row} data-broken={broken !== undefined}>
      <DescribedSwitch
        label={about?.title ?? name}
        about={broken?.left ? `${about?.effect} ${words.break.left(broken.left)}` : about?.effect}
        checked={broken !== undefined}
        onChange={(breaks) => void onChange(name, breaks)}
      />
    </li>
  );
}
