import { Button, Modal } from "@mantine/core";
import { words } from "@/words/parts";

/** Asks whether to give up what is typed. */
export default function LeaveDialog(props: { onStay: () => void; onLeave: () => void }) {
  return (
    <Modal opened onClose={props.onStay} title={words.leave.title}>
      <div className="stack">
        <p>{words.leave.body}</p>
        <div className="line">
          <Button onClick={props.onStay} data-autofocus>
            {words.leave.stay}
          </Button>
          <Button variant="default" onClick={props.onLeave}>
            {words.leave.leave}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
