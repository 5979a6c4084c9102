import { Modal, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useId, useState } from "react";
import { SearchIcon } from "@/parts/icons";
import { config } from "@/session/config";
import { session } from "@/session/session";
import { useMe } from "@/session/useMe";
import { words } from "@/words/shell";
import styles from "./Palette.module.css";
import { AREAS, SANDBOX } from "./pages";

interface Command {
  title: string;
  group: string;
  run: () => void;
}

/** Every page and action by name: type a part of it, move with the arrows, Enter does it. */
export default function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const commands = useCommands(onKeys);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const found = commands.filter((command) => matches(command, typed));
  const chosen = found[Math.min(at, found.length - 1)];
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} title={words.palette.open} yOffset="12vh" centered={false}>
      <TextInput
        aria-label={words.palette.open}
        placeholder={words.palette.placeholder}
        leftSection={<SearchIcon size={16} />}
        value={typed}
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${found.indexOf(chosen)}`}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
      />
      {found.length === 0 && <p className="muted">{words.palette.nothing}</p>}
      <div id={list} role="listbox" aria-label={words.palette.open} className={styles.list}>
        {found.map((command, index) => (
          <div
            key={`${command.group} ${command.title}`}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={command === chosen}
            className={styles.command}
            onClick={() => run(command)}
            onKeyDown={onKeyDown}
            onPointerMove={() => setAt(index)}
          >
            <span>{command.title}</span>
            <span className="muted">{command.group}</span>
          </div>
        ))}
      </div>
    </Modal>
  );
}

function useCommands(onKeys: () => void): Command[] {
  const navigate = useNavigate();
  const permissions = useMe()?.permissions ?? [];
  const go = (path: string) => () => void navigate({ to: path });
  const pages = AREAS.flatMap((area) =>
    area.pages
      .filter((page) => permissions.includes(page.permission))
      .map((page) => ({ title: page.title, group: area.title, run: go(page.path) })),
  );
  const sandbox = config().sandbox
    ? [{ title: SANDBOX.title, group: words.palette.pages, run: go(SANDBOX.path) }]
    : [];
  const actions = [
    { title: words.profile, run: go("/profile") },
    { title: words.keys.open, run: onKeys },
    { title: words.signOut, run: () => void session.signOut() },
  ];
  return [...pages, ...sandbox, ...actions.map((action) => ({ ...action, group: words.palette.actions }))];
}

/** Return whether every word that was typed begins a word of the command. */
function matches(command: Command, typed: string): boolean {
  const names = `${command.title} ${command.group}`.toLowerCase().split(/\s+/);
  const wanted = typed.toLowerCase().trim().split(/\s+/);
  return wanted.every((word) => names.some((name) => name.startsWith(word)));
}
