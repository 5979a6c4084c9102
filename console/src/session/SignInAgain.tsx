import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/parts/Problem";
import { words } from "@/words/session";
import { session } from "./session";
import { useSession } from "./useSession";

/** The dialog over the page when a session has ended. The page below keeps everything that was typed. */
export default function SignInAgain() {
  const { email } = useSession();
  const [problem, setProblem] = useState<unknown>();
  const signIn = () => {
    setProblem(undefined);
    session.signInAgain().catch(setProblem);
  };
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={words.again}
    >
      <div className="stack">
        <p>{words.againWhy(email)}</p>
        {problem ? <Problem error={problem} title={words.failed} /> : null}
        <div className="line">
          <Button onClick={signIn} data-autofocus>
            {words.againButton}
          </Button>
          <Button variant="default" onClick={() => session.signOut()}>
            {words.signOut}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
