import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { words } from "@/words/parts";
import { CheckIcon, CopyIcon } from "./icons";

/** A button that copies a text; `what` names it for those who cannot see where the button stands. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const clipboard = useClipboard({ timeout: 2000 });
  return (
    <Tooltip label={clipboard.copied ? words.copied : words.copy}>
      <ActionIcon size="sm" aria-label={words.copyOf(what)} onClick={() => clipboard.copy(text)}>
        {clipboard.copied ? <CheckIcon size={14} /> : <CopyIcon size={14} />}
      </ActionIcon>
    </Tooltip>
  );
}
