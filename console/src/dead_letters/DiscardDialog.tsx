import { Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { failureOf } from "@/api/failure";
import { ConfirmDialog } from "@/parts/ConfirmDialog";
import { toastDone } from "@/parts/toasts";
import { words } from "@/words/dead_letters";
import { type Choice, discard } from "./choice";
import { refresh } from "./refresh";

/** Asks for the reason, and discards. */
export default function DiscardDialog({ choice, onClose }: { choice: Choice; onClose: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string>();
  const confirm = async () => {
    setWrong(undefined);
    try {
      const { done, failed } = await discard(choice, reason);
      const { discarding } = words;
      const message = failed
        ? `${discarding.done(done)}. ${discarding.failed(failed)}`
        : discarding.done(done);
      toastDone(message, "dead letters");
    } catch (error) {
      if (failureOf(error).field === "reason") setWrong(failureOf(error).error);
      throw error;
    } finally {
      await refresh(queries);
    }
  };
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={words.discarding.title(choice.count)}
      action={words.discarding.action(choice.count)}
      isDangerous
      onConfirm={confirm}
    >
      <p>{words.discarding.body}</p>
      <Textarea
        label={words.discarding.reason}
        description={words.discarding.reasonAbout}
        required
        rows={2}
        maxLength={500}
        value={reason}
        error={wrong}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmDialog>
  );
}
