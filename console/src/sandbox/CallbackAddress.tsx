import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/parts/Problem";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/sandbox/page";
import { useAct } from "./api";
import styles from "./Credentials.module.css";
import { useSending } from "./useSending";

/** Where Exotel posts a customer's first message. For a real account, Exotel's staff enter it. */
export function CallbackAddress({ accountSid, known }: { accountSid: string; known: string }) {
  const act = useAct();
  const [typed, setTyped] = useState<string>();
  const sending = useSending([], async () => {
    await act("PATCH", `/accounts/${encodeURIComponent(accountSid)}`, {
      default_webhook_url: (typed ?? known).trim() || null,
    });
    setTyped(undefined);
    toastDone(words.address.saved, "sandbox-address");
  });
  return (
    <details className={styles.address}>
      <summary>{known ? words.address.entered : words.address.missing}</summary>
      <form className="stack" onSubmit={sending.submit}>
        <TextInput
          label={words.address.label}
          description={words.address.about}
          value={typed ?? known}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {sending.problem && <Problem error={sending.problem} />}
        <div className="line">
          <Button type="submit" size="xs" variant="default" loading={sending.busy}>
            {words.address.save}
          </Button>
        </div>
      </form>
    </details>
  );
}
