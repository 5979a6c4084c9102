import { ActionIcon, Select, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { TrashIcon } from "@/parts/icons";
import { words } from "@/words/email_rules";
import styles from "./Rules.module.css";
import { type ActionType, newAction, type RuleValues } from "./values";

const said = words.action;
const TYPES = Object.entries(words.types).map(([value, label]) => ({ value, label }));

interface Props {
  form: UseFormReturnType<RuleValues>;
  at: number;
  members: { value: string; label: string }[];
}

/** One action: what is done, and with what. */
export function ActionRow({ form, at, members }: Props) {
  const action = form.values.actions[at];
  if (!action) return null;
  const place = at + 1;
  const props = { "aria-label": said.value(place), ...form.getInputProps(`actions.${at}.value`) };
  const take = (type: string | null) => {
    if (type) form.replaceListItem("actions", at, newAction(type as ActionType, action.key));
  };
  return (
    <fieldset className={`${styles.row} ${styles.action}`}>
      <legend className="unseen">{said.of(place)}</legend>
      <Select
        aria-label={said.type(place)}
        data={TYPES}
        allowDeselect={false}
        value={action.type}
        onChange={take}
      />
      <div>
        {action.type === "tag" && <TextInput placeholder={said.tag} {...props} />}
        {action.type === "forward" && <TextInput type="email" placeholder={said.address} {...props} />}
        {action.type === "assign" && (
          <Select data={members} searchable placeholder={said.member} allowDeselect={false} {...props} />
        )}
      </div>
      {form.values.actions.length > 1 && (
        <ActionIcon aria-label={words.removeAction(place)} onClick={() => form.removeListItem("actions", at)}>
          <TrashIcon size={16} />
        </ActionIcon>
      )}
    </fieldset>
  );
}
