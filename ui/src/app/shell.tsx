import { ActionIcon, Button } from "@mantine/core";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Ago } from "@/components/ago";
import { Empty } from "@/components/empty";
import { Logo, Moon, Sun } from "@/components/icons";
import { Notices } from "@/components/notices";
import { usePulse } from "@/lib/pulse";
import { useShortcuts } from "@/lib/shortcuts";
import { choose, useScheme } from "@/lib/theme";
import { Crumbs } from "./crumbs";
import styles from "./shell.module.css";

const Palette = lazy(() => import("./palette").then(({ Palette }) => ({ default: Palette })));
const Help = lazy(() => import("./help").then(({ Help }) => ({ default: Help })));
const PALETTE_KEY = /Mac|iP/.test(navigator.platform) ? "⌘K" : "Ctrl K";

/** What stands around every page. */
export function Shell() {
  const navigate = useNavigate();
  const [open, setOpen] = useState<"palette" | "help">();
  const close = () => setOpen(undefined);
  useShortcuts({
    palette: () => setOpen("palette"),
    help: () => setOpen("help"),
    experiments: () => navigate({ to: "/experiments" }),
    models: () => navigate({ to: "/models" }),
  });
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
        <nav aria-label="Main" className={styles.places}>
          <Link to="/experiments">Experiments</Link>
          <Link to="/models">Models</Link>
        </nav>
        <Crumbs />
        <span className={styles.grow} />
        <Button variant="subtle" color="gray" onClick={() => setOpen("palette")}>
          Search <kbd className={styles.key}>{PALETTE_KEY}</kbd>
        </Button>
        <Live />
        <ActionIcon aria-label="Keyboard shortcuts" onClick={() => setOpen("help")}>
          ?
        </ActionIcon>
        <SchemeSwitch />
      </header>
      <main id="main" className={styles.main}>
        <Outlet />
      </main>
      <Notices />
      <Suspense fallback={null}>
        {open === "palette" && <Palette onClose={close} onHelp={() => setOpen("help")} />}
        {open === "help" && <Help onClose={close} />}
      </Suspense>
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
