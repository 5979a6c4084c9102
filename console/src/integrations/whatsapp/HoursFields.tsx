import { Switch } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { lazy, Suspense } from "react";
import type { HoursNow } from "@/api/schema";
import { Section } from "@/parts/Section";
import { words } from "@/words/integrations";
import type { Values } from "../values";
import { DayRow } from "./DayRow";
import styles from "./Hours.module.css";
import { HoursNowLine } from "./HoursNowLine";
import { DAYS, type Day, WEEKDAYS } from "./hours";

// The searchable list weighs more than the rest of the form, and only hours need it.
const TimezoneField = lazy(() => import("./TimezoneField"));

interface Props {
  form: UseFormReturnType<Values>;
  now: HoursNow | null | undefined;
}

/** The business hours of a week in their timezone. */
export function HoursFields({ form, now }: Props) {
  const hours = form.getValues().business_hours;
  const copy = (day: Day) => {
    for (const each of WEEKDAYS) {
      form.setFieldValue(`business_hours.${each}`, { ...hours[day] });
      form.clearFieldError(`business_hours.${each}.end`);
    }
  };
  return (
    <Section title={words.hours.title}>
      <div className="spread">
        <Switch
          label={words.hours.enable}
          description={words.hours.enableHint}
          {...form.getInputProps("business_hours.enabled", { type: "checkbox" })}
        />
        <HoursNowLine now={now} />
      </div>
      {hours.enabled && (
        <>
          <div className={styles.zone}>
            <Suspense>
              <TimezoneField
                value={hours.timezone}
                onChange={(zone) => form.setFieldValue("business_hours.timezone", zone)}
                error={form.errors["business_hours.timezone"]}
              />
            </Suspense>
          </div>
          <div className={styles.week}>
            {DAYS.map((day) => (
              <DayRow key={day} day={day} form={form} onCopy={() => copy(day)} />
            ))}
          </div>
          <p className="muted">{words.hours.rule}</p>
        </>
      )}
    </Section>
  );
}
