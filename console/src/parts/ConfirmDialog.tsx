import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { words } from "@/words/parts";
import { Problem } from "./Problem";

interface Props {
  title: string;
  /** What happens, in full. */
  children: ReactNode;
  /** The verb on the button. */
  action: string;
  isDangerous?: boolean;
  /** A text that must be typed first, for what cannot be undone. */
  typed?: string;
  opened: boolean;
  onClose: () => void;
  /** Does it; the dialog stays open with the reason if that fails. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something is done. A double click does it once. */
export function ConfirmDialog(props: Props) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const close = () => {
    setTyped("");
    setProblem(undefined);
    props.onClose();
  };
  const confirm = async () => {
    setBusy(true);
    setProblem(undefined);
    await props.onConfirm().then(close, setProblem);
    setBusy(false);
  };
  return (
    <Modal opened={props.opened} onClose={close} title={props.title}>
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
          <Button variant="default" onClick={close}>
            {words.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
