import { NativeSelect, Switch } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import { Notice } from "@/parts/Notice";
import { NumberField } from "@/parts/NumberField";
import { Section } from "@/parts/Section";
import { words } from "@/words/email_accounts";
import type { AccountValues } from "./values";

const said = words.polling;
const CHOICES = ["30", "60", "120", "300"];
const OTHER = "other";
/** Below this the guide blames the interval when a provider refuses polls. */
const OFTEN_S = 30;

/** Whether and how often new mail is fetched. */
export function PollingFields({ form }: { form: UseFormReturnType<AccountValues> }) {
  const typed = String(form.values.poll_interval_s);
  const [isOther, setOther] = useState(!CHOICES.includes(typed));
  const choose = (choice: string) => {
    setOther(choice === OTHER);
    if (choice !== OTHER) form.setFieldValue("poll_interval_s", Number(choice));
  };
  return (
    <Section title={said.title}>
      <Switch
        label={said.enabled}
        description={said.enabledHint}
        {...form.getInputProps("imap_enabled", { type: "checkbox" })}
      />
      <div className="pairs">
        <NativeSelect
          label={said.interval}
          data={[
            ...CHOICES.map((value) => ({ value, label: said.choices[Number(value)] ?? value })),
            { value: OTHER, label: said.other },
          ]}
          value={isOther ? OTHER : typed}
          onChange={(event) => choose(event.currentTarget.value)}
        />
        {isOther && (
          <NumberField
            label={said.seconds}
            description={said.secondsHint}
            {...form.getInputProps("poll_interval_s")}
          />
        )}
      </div>
      {isOther && Number(typed) < OFTEN_S && <Notice tone="warn" title={said.tooOften} />}
      <Switch
        label={said.idle}
        description={said.idleHint}
        {...form.getInputProps("uses_idle", { type: "checkbox" })}
      />
      <Switch label={said.marksSeen} {...form.getInputProps("marks_seen", { type: "checkbox" })} />
      <Switch
        label={said.canary}
        description={said.canaryHint}
        {...form.getInputProps("sends_canary", { type: "checkbox" })}
      />
    </Section>
  );
}
