import { SIZES, type SizeName } from "./chart-size";
import { Choice } from "./choice";

const NAMES = Object.keys(SIZES) as SizeName[];

interface Props {
  size: SizeName;
  onChange: (size: SizeName) => void;
}

/** Says how large charts are; a click changes it. */
export function SizeChoice({ size, onChange }: Props) {
  return (
    <Choice
      label={`size: ${size}`}
      options={NAMES.map((name) => [name, () => onChange(name)] as const)}
    />
  );
}
