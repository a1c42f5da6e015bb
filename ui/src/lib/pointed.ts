/** What the pointer is at, told to all parts of the page that show it too. */

class Told<T> {
  private readonly listeners = new Set<(value: T | undefined, from: object | undefined) => void>();
  private value: T | undefined;

  listen(tell: (value: T | undefined, from: object | undefined) => void): () => void {
    this.listeners.add(tell);
    return () => {
      this.listeners.delete(tell);
    };
  }

  tell(value: T | undefined, from?: object): void {
    if (value === this.value) return;
    this.value = value;
    for (const tell of this.listeners) tell(value, from);
  }
}

/** A place of an axis; charts whose axis has another unit look away. */
export interface Spot {
  readonly unit: string;
  readonly x: number;
}

export const pointedSpot = new Told<Spot>();

/** The id of a run, or the name of a group. */
export const pointedCurve = new Told<string>();
