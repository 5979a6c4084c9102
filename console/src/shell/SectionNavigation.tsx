import { Link } from "@tanstack/react-router";
import { useMe } from "@/session/useMe";
import { words } from "@/words/shell";
import { type Area, pageOf } from "./pages";
import styles from "./SectionNavigation.module.css";

/** The pages of an area that the user's role may open; a strip above the page on narrow screens. */
export function SectionNavigation({ area, pathname }: { area: Area; pathname: string }) {
  const permissions = useMe()?.permissions ?? [];
  const current = pageOf(pathname);
  const pages = area.pages.filter((page) => permissions.includes(page.permission));
  return (
    <nav className={styles.navigation} aria-label={words.sectionNavigation(area.title)}>
      {pages.map((page) => (
        <Link
          key={page.path}
          to={page.path}
          className={styles.link}
          aria-current={page === current ? "page" : undefined}
          activeProps={{}}
          activeOptions={{ exact: true }}
        >
          <page.icon size={16} />
          {page.title}
          {page.count && <page.count />}
        </Link>
      ))}
    </nav>
  );
}
