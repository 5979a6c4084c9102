import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { words } from "@/words/integrations";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  description?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  inputMode?: "tel" | "numeric" | "text";
}

/** A field for an id or a number that must be exact: spaces around it, as pasting leaves them, are removed, and it says so. */
export function ExactField({ value, onChange, description, ...field }: Props) {
  const [trimmed, setTrimmed] = useState(false);
  const take = (typed: string) => {
    const clean = typed.trim();
    setTrimmed(clean !== typed && clean !== value);
    onChange(clean);
  };
  return (
    <TextInput
      {...field}
      value={value}
      autoComplete="off"
      spellCheck={false}
      data-1p-ignore
      data-lpignore="true"
      description={trimmed ? words.form.trimmed : description}
      onChange={(event) => take(event.currentTarget.value)}
    />
  );
}
