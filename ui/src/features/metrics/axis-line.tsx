import { Menu } from "@mantine/core";
import { type Axis, SMOOTHINGS, X_AXES, X_WORDS } from "./axis";
import styles from "./metric-panel.module.css";

interface Props {
  axis: Axis;
  onChange: (axis: Axis) => void;
}

/** Says how the charts are drawn; a click on a word changes it. */
export function AxisLine({ axis, onChange }: Props) {
  return (
    <div className={styles.line}>
      <Choice
        label={`x: ${X_WORDS[axis.x]}`}
        options={X_AXES.map((x) => [X_WORDS[x], () => onChange({ ...axis, x })])}
      />
      <Choice
        label={`smoothing: ${axis.smoothing || "none"}`}
        options={SMOOTHINGS.map((smoothing) => [
          smoothing === 0 ? "none" : String(smoothing),
          () => onChange({ ...axis, smoothing }),
        ])}
      />
      <button type="button" onClick={() => onChange({ ...axis, log: !axis.log })}>
        scale: {axis.log ? "logarithmic" : "linear"}
      </button>
    </div>
  );
}

function Choice({ label, options }: { label: string; options: [string, () => void][] }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button">{label}</button>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map(([word, choose]) => (
          <Menu.Item key={word} onClick={choose}>
            {word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
