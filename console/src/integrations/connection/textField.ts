import type { UseFormReturnType } from "@mantine/form";
import type { ReactNode } from "react";
import type { Values } from "../values";

type TextName = { [Name in keyof Values]: Values[Name] extends string ? Name : never }[keyof Values];

interface Field {
  value: string;
  onChange: (value: string) => void;
  error: ReactNode;
}

/** Return what a field of one text needs from the form. */
export function textField(form: UseFormReturnType<Values>, name: TextName): Field {
  const { onChange, error } = form.getInputProps(name);
  return { value: form.getValues()[name], onChange, error };
}
