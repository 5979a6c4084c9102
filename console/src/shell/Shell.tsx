import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { LiveSign } from "@/realtime/LiveSign";
import { useLiveness } from "@/realtime/useLiveness";
import { config } from "@/session/config";
import { useMe } from "@/session/useMe";
import { words } from "@/words/shell";
import { Bell } from "./Bell";
import { EnvironmentPill } from "./EnvironmentPill";
import { HeaderButtons } from "./HeaderButtons";
import { areaOf } from "./pages";
import { Rail } from "./Rail";
import { SectionNavigation } from "./SectionNavigation";
import styles from "./Shell.module.css";
import { UserMenu } from "./UserMenu";
import { useShortcuts } from "./useShortcuts";

const loadPalette = () => import("./Palette");
const Palette = lazy(loadPalette);
const KeysSheet = lazy(() => import("./KeysSheet"));

/** The frame around every page of a signed-in user. */
export function Shell() {
  const liveness = useLiveness();
  const me = useMe();
  const { pathname } = useLocation();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [keysOpen, setKeysOpen] = useState(false);
  useShortcuts({ onPalette: () => setPaletteOpen(true), onKeys: () => setKeysOpen(true) });
  // Loaded before it is wanted, so that no letter is lost that is typed right after Ctrl+K.
  useEffect(() => {
    const idle = window.requestIdleCallback(() => void loadPalette());
    return () => window.cancelIdleCallback(idle);
  }, []);
  const area = areaOf(pathname);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {words.skip}
      </a>
      <header className={styles.header}>
        <span className={styles.organization}>{me?.organization_name}</span>
        <EnvironmentPill config={config()} />
        <LiveSign liveness={liveness} />
        <span className={styles.spring} />
        <HeaderButtons onPalette={() => setPaletteOpen(true)} onKeys={() => setKeysOpen(true)} />
        <Bell />
        <UserMenu />
      </header>
      <Rail pathname={pathname} />
      <div className={styles.body}>
        {area && <SectionNavigation area={area} pathname={pathname} />}
        <main id="content" className={styles.main} tabIndex={-1}>
          <Suspense>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Suspense>
        {keysOpen && <KeysSheet onClose={() => setKeysOpen(false)} />}
        {paletteOpen && <Palette onClose={() => setPaletteOpen(false)} onKeys={() => setKeysOpen(true)} />}
      </Suspense>
    </div>
  );
}
