import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import { words } from "@/words/team";
import styles from "./Team.module.css";

const ROLES = ["admin", "manager", "agent"] as const;

interface Props {
  value?: string;
  onChange?: (value: string) => void;
  error?: ReactNode;
  disabled?: boolean;
}

/** A role with what each of them may do. */
export function RoleField({ disabled = false, value, onChange, error }: Props) {
  return (
    <Radio.Group
      label={words.fields.role}
      error={error}
      {...(value !== undefined && { value })}
      {...(onChange && { onChange })}
    >
      <div className={styles.radios}>
        {ROLES.map((role) => (
          <Radio
            key={role}
            value={role}
            disabled={disabled}
            label={words.roles[role].name}
            description={words.roles[role].about}
          />
        ))}
      </div>
    </Radio.Group>
  );
}
