/** The order of a table as its address has it: texts of the search language, `-` for the largest first. */

export interface Order {
  readonly text: string;
  readonly descending: boolean;
}

export const parseOrders = (texts: readonly string[]): Order[] =>
  texts.map((text) =>
    text.startsWith("-") ? { text: text.slice(1), descending: true } : { text, descending: false },
  );

export const orderText = ({ text, descending }: Order): string => (descending ? `-${text}` : text);

export const orderBy = ({ text, descending }: Order): string =>
  `${text} ${descending ? "DESC" : "ASC"}`;

/**
 * The order after a click on a column: `first` is the direction of the first click, the second
 * turns it round, the third ends it. With `also` the other keys stay.
 */
export function clicked(
  orders: readonly Order[],
  text: string,
  first: Order,
  also: boolean,
): Order[] {
  const at = orders.findIndex((order) => order.text === text);
  const known = orders[at];
  const next = nextOrder(known, first);
  if (!also) return next ? [next] : [];
  if (!known) return [...orders, first];
  return orders.flatMap((order, i) => (i === at ? (next ? [next] : []) : [order]));
}

function nextOrder(known: Order | undefined, first: Order): Order | undefined {
  if (!known) return first;
  if (known.descending !== first.descending) return undefined;
  return { text: known.text, descending: !known.descending };
}
