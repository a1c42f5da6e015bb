import styles from "./sort-head.module.css";

interface Props {
  name: string;
  label: string;
  sort: string;
  onSort: (sort: string) => void;
}

/** A column's head that orders by it; again turns the order round. `-name` is the largest first. */
export function SortHead({ name, label, sort, onSort }: Props) {
  const descending = sort === `-${name}`;
  const ascending = sort === name;
  const order = ascending ? "ascending" : descending ? "descending" : "none";
  return (
    <span role="columnheader" aria-sort={order} className={styles.head}>
      <button type="button" onClick={() => onSort(descending ? name : `-${name}`)}>
        {label}
        {order !== "none" && (
          <span aria-hidden="true" className={styles.arrow}>
            {ascending ? "↑" : "↓"}
          </span>
        )}
      </button>
    </span>
  );
}
