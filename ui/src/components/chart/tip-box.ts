import styles from "./tip.module.css";

export interface TipRow {
  readonly name: string;
  readonly value: string;
  /** Of its dot; none without. */
  readonly colour?: string;
  readonly more?: string;
}

/** What is told beside the pointer. Built as elements: names are texts, never markup. */
export function tipBox(where: string, rows: readonly TipRow[], beyond = 0): HTMLElement {
  const box = element("div", styles.tip);
  box.append(element("div", styles.where, where));
  for (const { name, value, colour, more } of rows) {
    const row = element("div", styles.row);
    if (colour !== undefined) {
      const dot = element("i", styles.dot);
      dot.style.background = colour;
      row.append(dot);
    }
    row.append(element("span", styles.name, name), element("b", styles.value, value));
    if (more) row.append(element("span", styles.where, more));
    box.append(row);
  }
  if (beyond > 0) box.append(element("div", styles.where, `${beyond} more`));
  return box;
}

function element(tag: string, className: string | undefined, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? "";
  made.textContent = text;
  return made;
}

/** How every chart tells: the frame is that of the element. */
export const TOOLTIP = {
  confine: true,
  transitionDuration: 0,
  padding: 0,
  borderWidth: 0,
  backgroundColor: "transparent",
  extraCssText: "box-shadow: none",
} as const;
