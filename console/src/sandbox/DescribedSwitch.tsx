import { Switch } from "@mantine/core";
import { type ReactNode, useId } from "react";
import styles from "./DescribedSwitch.module.css";

interface Props {
  label: string;
  about: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

/** A switch with a sentence about it. Mantine would make the sentence a part of the switch's name. */
export function DescribedSwitch({ label, about, checked, onChange }: Props) {
  const id = useId();
  return (
    <div>
      <Switch
        label={label}
        classNames={{ label: styles.label }}
        aria-describedby={id}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <p id={id} className={styles.about}>
        {about}
      </p>
    </div>
  );
}
