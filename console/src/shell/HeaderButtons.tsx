import { ActionIcon, Tooltip } from "@mantine/core";
import { KeyboardIcon, SearchIcon } from "@/parts/icons";
import { words } from "@/words/shell";
import styles from "./HeaderButtons.module.css";

/** The header's search and the list of keys. */
export function HeaderButtons({ onPalette, onKeys }: { onPalette: () => void; onKeys: () => void }) {
  return (
    <>
      <button type="button" className={styles.search} onClick={onPalette}>
        <SearchIcon size={16} />
        <span className={styles.label}>{words.palette.open}</span>
        <kbd className={styles.hint}>{words.palette.hint}</kbd>
      </button>
      <Tooltip label={words.keys.open}>
        <ActionIcon aria-label={words.keys.open} onClick={onKeys} className={styles.keys}>
          <KeyboardIcon />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
