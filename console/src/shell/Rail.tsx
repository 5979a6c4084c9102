import { Link } from "@tanstack/react-router";
import { config } from "@/session/config";
import { words } from "@/words/shell";
import { AREAS, areaOf, SANDBOX } from "./pages";
import styles from "./Rail.module.css";

/** The areas of the console; a bar at the bottom at phone width. */
export function Rail({ pathname }: { pathname: string }) {
  const areas = config().sandbox ? [...AREAS, SANDBOX] : AREAS;
  const current = areaOf(pathname)?.path ?? pathname;
  return (
    <nav className={styles.rail} aria-label={words.mainNavigation}>
      {areas.map((area) => (
        <Link
          key={area.path}
          to={area.path}
          className={styles.link}
          aria-current={area.path === current ? "page" : undefined}
          activeProps={{}}
        >
          <area.icon size={20} />
          {area.title}
        </Link>
      ))}
    </nav>
  );
}
