import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import { useNow } from "@/parts/When";
import { words } from "@/words/integrations";
import { timeIn, zones } from "./zones";

/** The most zones that the list shows at once; typing finds the others. */
const SHOWN = 40;

interface Props {
  value: string;
  onChange: (value: string) => void;
  error?: ReactNode;
}

/** A timezone by its name, with the time of day there. */
export default function TimezoneField({ value, onChange, error }: Props) {
  const now = useNow(15_000);
  return (
    <Select
      label={words.hours.timezone}
      description={words.hours.timeThere(timeIn(value, now))}
      inputWrapperOrder={["label", "input", "description", "error"]}
      data={zones(value)}
      value={value}
      onChange={(chosen) => chosen && onChange(chosen)}
      error={error}
      searchable
      allowDeselect={false}
      limit={SHOWN}
      nothingFoundMessage={words.hours.noZone}
      renderOption={({ option }) => (
        <span className="spread" style={{ width: "100%" }}>
          <span>{option.label}</span>
          <span className="muted number">{timeIn(option.value, now)}</span>
        </span>
      )}
    />
  );
}
