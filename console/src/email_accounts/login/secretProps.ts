import type { UseFormReturnType } from "@mantine/form";
import type { LoginValues } from "./values";

/** Return a secret's value, its error and how to change it. */
export function secretProps<Values extends LoginValues>(
  form: UseFormReturnType<Values>,
  name: "smtp_password" | "imap_password",
) {
  return {
    value: form.values[name],
    error: form.errors[name],
    onChange: (value: string) => form.getInputProps(name).onChange(value),
  };
}
