import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ConfirmDialog } from "./ConfirmDialog";
import { Section } from "./Section";

interface Props {
  title: string;
  about: string;
  /** The verb on both buttons. */
  action: string;
  /** The dialog's question. */
  question: string;
  /** A text that must be typed first. */
  typed?: string;
  onDelete: () => Promise<unknown>;
  /** What stops or goes with it, in the dialog. */
  children: ReactNode;
}

/** The block of a page that deletes what the page shows, after asking. */
export function DeleteSection({ title, about, action, question, typed, onDelete, children }: Props) {
  const [asks, setAsks] = useState(false);
  return (
    <Section
      title={title}
      about={about}
      actions={
        <Button color="red.9" onClick={() => setAsks(true)}>
          {action}
        </Button>
      }
    >
      <ConfirmDialog
        opened={asks}
        onClose={() => setAsks(false)}
        title={question}
        action={action}
        isDangerous
        {...(typed && { typed })}
        onConfirm={onDelete}
      >
        {children}
      </ConfirmDialog>
    </Section>
  );
}
