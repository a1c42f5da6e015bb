/** How large charts are: their least width, and their height. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

export const SIZES = {
  small: { width: 250, height: 156 },
  medium: { width: 340, height: 206 },
  large: { width: 560, height: 340 },
} as const satisfies Record<string, ChartSize>;

export type SizeName = keyof typeof SIZES;
