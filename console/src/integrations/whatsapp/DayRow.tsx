import { ActionIcon, Switch, TextInput, Tooltip } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useId } from "react";
import { CopyIcon } from "@/parts/icons";
import { words } from "@/words/integrations";
import type { Values } from "../values";
import styles from "./Hours.module.css";
import type { Day } from "./hours";

interface Props {
  day: Day;
  form: UseFormReturnType<Values>;
  /** Gives Monday to Friday the hours of this day. */
  onCopy: () => void;
}

/** One weekday: closed, or open from one time to another. */
export function DayRow({ day, form, onCopy }: Props) {
  const id = useId();
  const { closed } = form.getValues().business_hours[day];
  const name = words.hours.days[day];
  const field = (part: "start" | "end") => {
    const { error, ...props } = form.getInputProps(`business_hours.${day}.${part}`);
    return { ...props, error: Boolean(error) };
  };
  const problem =
    form.errors[`business_hours.${day}.end`] ??
    form.errors[`business_hours.${day}.start`] ??
    form.errors[`business_hours.${day}`];
  return (
    <fieldset className={styles.day}>
      <legend className="unseen">{name}</legend>
      <span aria-hidden className={styles.name}>
        {name}
      </span>
      <Switch
        label={words.hours.closed}
        aria-label={words.hours.closedOn(name)}
        {...form.getInputProps(`business_hours.${day}.closed`, { type: "checkbox" })}
      />
      {!closed && (
        <div className={styles.times}>
          <TextInput
            type="time"
            aria-label={words.hours.opens(name)}
            aria-describedby={id}
            {...field("start")}
          />
          <span className="muted">{words.hours.to}</span>
          <TextInput
            type="time"
            aria-label={words.hours.closes(name)}
            aria-describedby={id}
            {...field("end")}
          />
        </div>
      )}
      <Tooltip label={words.hours.copy}>
        <ActionIcon aria-label={words.hours.copyFrom(name)} className={styles.copy} onClick={onCopy}>
          <CopyIcon size={16} />
        </ActionIcon>
      </Tooltip>
      <p id={id} className={styles.problem} role="alert">
        {problem}
      </p>
    </fieldset>
  );
}
