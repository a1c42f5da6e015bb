import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import styles from "./markdown.module.css";

// A picture would be asked of whatever host its address names: it is a link like any other.
const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a className="link" href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a className="link" href={String(src ?? "")} target="_blank" rel="noreferrer">
      {alt || String(src ?? "")}
    </a>
  ),
};
const PLUGINS = [remarkGfm];

export default function MarkdownBody({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  );
}
