import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { words } from "@/words/parts";
import { Problem } from "./Problem";
import { useReturnFocus } from "./useReturnFocus";

export interface Confirmation {
  title: string;
  /** What happens, in full. */
  children: ReactNode;
  /** The verb on the button. */
  action: string;
  isDangerous?: boolean;
  /** A text that must be typed first, for what cannot be undone. */
  typed?: string;
  onClose: () => void;
  /** Does it; the dialog stays open with the reason if that fails. */
  onConfirm: () => Promise<unknown>;
}

/** The dialog itself; it is there only while it asks. */
export default function ConfirmContent(props: Confirmation) {
  useReturnFocus();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    await props.onConfirm().then(props.onClose, setProblem);
    setBusy(false);
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title}>
      <div className="stack">
        {props.children}
        {props.typed !== undefined && (
          <TextInput
            label={words.confirm.typeToConfirm(props.typed)}
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {problem ? <Problem error={problem} /> : null}
        <div className="line">
          <Button
            color={props.isDangerous ? "red.9" : undefined}
            loading={busy}
            disabled={props.typed !== undefined && typed.trim() !== props.typed}
            onClick={confirm}
          >
            {props.action}
          </Button>
          <Button variant="default" onClick={props.onClose}>
            {words.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
