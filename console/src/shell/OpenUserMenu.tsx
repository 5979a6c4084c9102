import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { LogOutIcon, UserIcon } from "@/parts/icons";
import { session } from "@/session/session";
import { useMe } from "@/session/useMe";
import { words } from "@/words/shell";
import styles from "./UserMenu.module.css";

/** The menu with the way to the profile and out; open from the start. */
export default function OpenUserMenu({ label }: { label: string }) {
  const me = useMe();
  return (
    <Menu position="bottom-end" defaultOpened>
      <Menu.Target>
        <button type="button" className={styles.button} aria-label={label}>
          <UserIcon />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/profile" leftSection={<UserIcon size={16} />}>
          {words.profile}
          <span className={styles.person}>
            {me?.name} · {me?.role}
          </span>
        </Menu.Item>
        <Menu.Item leftSection={<LogOutIcon size={16} />} onClick={() => session.signOut()}>
          {words.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
