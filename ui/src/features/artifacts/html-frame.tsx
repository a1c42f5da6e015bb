import { useEffect, useRef } from "react";
import { address } from "@/lib/call";
import styles from "./artifacts.module.css";

/**
 * A run's HTML file. It runs in a frame without an origin, which the server gives a policy of its own:
 * scripts in the file work, and reach neither this page, nor the server, nor any network.
 */
export function HtmlFrame({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const onMessage = ({ source }: MessageEvent) => {
      const inside = frame.current?.contentWindow;
      if (source === inside) inside?.postMessage(html, "*");
    };
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, [html]);
  return (
    <iframe
      key={html.length}
      ref={frame}
      className={styles.frame}
      title={title}
      sandbox="allow-scripts"
      src={address("frame.html")}
    />
  );
}
