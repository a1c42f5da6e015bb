import { ActionIcon } from "@mantine/core";
import { Link, Outlet } from "@tanstack/react-router";
import { Ago } from "@/components/ago";
import { Empty } from "@/components/empty";
import { Logo, Moon, Sun } from "@/components/icons";
import { Notices } from "@/components/notices";
import { usePulse } from "@/lib/pulse";
import { choose, useScheme } from "@/lib/theme";
import { Crumbs } from "./crumbs";
import styles from "./shell.module.css";

/** What stands around every page. */
export function Shell() {
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <header className={styles.header}>
        <Link to="/experiments" className={styles.logo} aria-label="Headrace, all experiments">
          <Logo />
          <span>Headrace</span>
        </Link>
        <Crumbs />
        <span className={styles.grow} />
        <Live />
        <SchemeSwitch />
      </header>
      <main id="main" className={styles.main}>
        <Outlet />
      </main>
      <Notices />
    </div>
  );
}

function Live() {
  const { alive, since } = usePulse();
  return (
    <span className={styles.live} data-alive={alive} role="status">
      {alive ? (
        "live"
      ) : (
        <>
          no answer since <Ago time={since} />
        </>
      )}
    </span>
  );
}

function SchemeSwitch() {
  const other = useScheme() === "dark" ? "light" : "dark";
  return (
    <ActionIcon aria-label={`Switch to ${other} colours`} onClick={() => choose(other)}>
      {other === "dark" ? <Moon /> : <Sun />}
    </ActionIcon>
  );
}

export function Missing() {
  return (
    <Empty title="There is no such page">
      <p>
        The address may be mistyped.{" "}
        <Link className="link" to="/experiments">
          All experiments
        </Link>
      </p>
    </Empty>
  );
}
