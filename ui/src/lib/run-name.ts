interface Named {
  readonly run_id: string;
  readonly run_name?: string | null;
}

const SEEN = /[^\p{C}\p{Z}]/u;

/** What a run is called on the page: its id where its name is empty, or of blanks that nobody could see. */
export const shownName = ({ run_id, run_name }: Named): string =>
  run_name && SEEN.test(run_name) ? run_name : run_id;
