import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Notice } from "@/parts/Notice";
import { Problem } from "@/parts/Problem";
import { ago } from "@/parts/When";
import { words } from "@/words/parts";
import { LeaveGuard } from "./LeaveGuard";
import { type Saving, winner } from "./useSaving";

interface Props {
  saving: Saving;
  isDirty: boolean;
  /** The verb on the button. */
  action?: string;
  /** Buttons beside Save. */
  actions?: ReactNode;
  /** Whether the form only shows what is stored: it then has no buttons. */
  isReadOnly?: boolean;
  /** Show what is stored now instead of what is typed. */
  onTakeTheirs?: () => void;
  children: ReactNode;
}

/** A form with its problem, its Save button and its guard against leaving with changes. */
export function FormFrame({
  saving,
  isDirty,
  action,
  actions,
  isReadOnly = false,
  onTakeTheirs,
  children,
}: Props) {
  return (
    <form onSubmit={saving.submit} noValidate className="stack">
      {children}
      {saving.problem && <Problem error={saving.problem} />}
      {saving.meanwhile && <Meanwhile saving={saving} onTakeTheirs={onTakeTheirs} />}
      {!isReadOnly && (
        <div className="line">
          <Button type="submit" loading={saving.busy}>
            {action ?? words.form.save}
          </Button>
          {actions}
          {isDirty && <span className="muted">{words.form.unsaved}</span>}
        </div>
      )}
      <LeaveGuard when={isDirty && !saving.busy} />
    </form>
  );
}

function Meanwhile({ saving, onTakeTheirs }: Pick<Props, "saving" | "onTakeTheirs">) {
  const failure = saving.meanwhile;
  if (!failure) return null;
  const at = failure.text("changed_at");
  const take = () => {
    saving.dismiss();
    onTakeTheirs?.();
  };
  return (
    <Notice tone="warn" title={words.form.meanwhileTitle} live="alert">
      <p>{words.form.meanwhile(winner(failure), at ? ago(new Date(at), new Date()) : "")}</p>
      <div className="line">
        {onTakeTheirs && (
          <Button size="xs" variant="default" onClick={take}>
            {words.form.takeTheirs}
          </Button>
        )}
        <Button size="xs" variant="default" onClick={saving.saveMine}>
          {words.form.saveMine}
        </Button>
      </div>
    </Notice>
  );
}
