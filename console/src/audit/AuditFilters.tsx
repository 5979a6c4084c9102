import { Button, Select, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { api } from "@/api/client";
import { words } from "@/words/audit";
import styles from "./Audit.module.css";
import type { FilterState } from "./useFilters";

const said = words.filters;
const ACTIONS = Object.entries(words.actions).map(([value, label]) => ({ value, label }));
const CHANNELS = Object.entries(words.integrations).map(([value, label]) => ({ value, label }));
const RESULTS = Object.entries(words.results).map(([value, label]) => ({ value, label }));

/** Who, what, which channel, with which result, and when. The URL has all of it. */
export function AuditFilters({ filters }: { filters: FilterState }) {
  const { values, change } = filters;
  const navigate = useNavigate();
  const members = api.useQuery("get", "/api/v1/settings/team", { params: { query: { limit: 200 } } });
  const people = (members.data?.data ?? []).map(({ id, name, email }) => ({
    value: id,
    label: name || email,
  }));
  // An action that is newer than these words is still a filter.
  const known = values.action in words.actions || !values.action;
  const actions = known ? ACTIONS : [...ACTIONS, { value: values.action, label: values.action }];
  return (
    <search className={styles.filters} aria-label={said.title}>
      <Choice
        label={said.who}
        none={said.anybody}
        data={people}
        value={values.user_id}
        onPick={change.user_id}
      />
      <Choice
        label={said.what}
        none={said.anything}
        data={actions}
        value={values.action}
        onPick={change.action}
      />
      <Choice
        label={said.concerns}
        none={said.anyChannel}
        data={CHANNELS}
        value={values.integration_type}
        onPick={change.integration_type}
      />
      <Choice
        label={said.result}
        none={said.anyResult}
        data={RESULTS}
        value={values.status}
        onPick={change.status}
      />
      <Day label={said.from} value={values.since} onPick={change.since} />
      <Day label={said.to} value={values.until} onPick={change.until} />
      {filters.isFiltered && (
        <Button
          variant="default"
          className={styles.clear}
          onClick={() => void navigate({ to: ".", search: {}, replace: true } as never)}
        >
          {said.clear}
        </Button>
      )}
    </search>
  );
}

interface ChoiceProps {
  label: string;
  none: string;
  data: { value: string; label: string }[];
  value: string;
  onPick: (value: string) => void;
}

function Choice({ label, none, data, value, onPick }: ChoiceProps) {
  return (
    <Select
      label={label}
      placeholder={none}
      data={data}
      value={value || null}
      onChange={(picked) => onPick(picked ?? "")}
      searchable
      clearable
      clearButtonProps={{ "aria-label": `${said.clear}: ${label}` }}
    />
  );
}

function Day({ label, value, onPick }: { label: string; value: string; onPick: (value: string) => void }) {
  return (
    <TextInput
      type="date"
      label={label}
      value={value}
      onChange={(event) => onPick(event.currentTarget.value)}
    />
  );
}
