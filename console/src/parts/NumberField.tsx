import { TextInput, type TextInputProps } from "@mantine/core";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  value?: number | string | undefined;
  /** Gets the number; what is no whole number is passed on as it was typed, for the API to refuse. */
  onChange?: (value: number | string) => void;
  /** What the number counts, shown behind it. */
  unit?: string;
}

/** A field for a whole number. */
export function NumberField({ value, onChange, unit, ...field }: Props) {
  return (
    <TextInput
      {...field}
      inputMode="numeric"
      autoComplete="off"
      value={value ?? ""}
      rightSection={unit && <span className="muted">{unit}</span>}
      rightSectionPointerEvents="none"
      onChange={(event) => {
        const typed = event.currentTarget.value.trim();
        onChange?.(/^\d+$/.test(typed) ? Number(typed) : typed);
      }}
    />
  );
}
