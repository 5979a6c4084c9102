import { lazy, Suspense, useState } from "react";
import { UserIcon } from "@/parts/icons";
import { useMe } from "@/session/useMe";
import { words } from "@/words/shell";
import styles from "./UserMenu.module.css";

const OpenUserMenu = lazy(() => import("./OpenUserMenu"));

/** Who is signed in; the menu's code is loaded when it is opened first. */
export function UserMenu() {
  const me = useMe();
  const [wanted, setWanted] = useState(false);
  const label = words.userMenu(me?.name ?? "");
  const button = (
    <button type="button" className={styles.button} aria-label={label} onClick={() => setWanted(true)}>
      <UserIcon />
    </button>
  );
  return wanted ? (
    <Suspense fallback={button}>
      <OpenUserMenu label={label} />
    </Suspense>
  ) : (
    button
  );
}
