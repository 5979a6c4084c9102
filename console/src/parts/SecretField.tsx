import { ActionIcon, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { words } from "@/words/parts";
import { EyeIcon, EyeOffIcon } from "./icons";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether one is stored: then the field may stay empty, which keeps it. */
  isStored?: boolean;
  description?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  disabled?: boolean;
  name?: string;
}

/**
 * A field for a secret. Nothing fills it in, nothing keeps it, and the eye shows only what is being typed.
 *
 * Spaces and line breaks around a pasted secret are removed, and the field says so.
 */
export function SecretField({ value, onChange, isStored = false, description, ...field }: Props) {
  const [shown, setShown] = useState(false);
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
      type={shown ? "text" : "password"}
      autoComplete="new-password"
      spellCheck={false}
      data-1p-ignore
      data-lpignore="true"
      description={(trimmed && words.secret.trimmed) || (isStored && words.secret.storedHint) || description}
      onChange={(event) => take(event.currentTarget.value)}
      rightSection={
        <ActionIcon
          aria-label={shown ? words.secret.hide : words.secret.show}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOffIcon /> : <EyeIcon />}
        </ActionIcon>
      }
    />
  );
}
