// What the clients know, kept outside of the server: the measure of what a crash may not change.

export const ACCOUNTS = 64;
export const FIRST_BALANCE = 1000;
export const CLIENTS = 8;
/** A client's newest notes; each transfer deletes the one that many before it. */
export const NOTES_KEPT = 10;

export interface Transfer {
  readonly client: number;
  /** 1 and up, without gaps: what fails or rolls back leaves its number to the next. */
  readonly number: number;
  readonly source: number;
  readonly target: number;
  readonly amount: number;
  /** Length of the note; long ones leave the row. */
  readonly noteLength: number;
}

/** When a commit happened, by one count for all clients. */
export interface Moment {
  /** Before COMMIT was sent. */
  readonly sent: number;
  /** After its answer came; without end where none came. */
  readonly acknowledged: number;
}

/** One client's part. */
export interface ClientRecord {
  /** Acknowledged, or found after a crash. */
  readonly committed: Transfer[];
  /** One for each of `committed`. */
  readonly moments: Moment[];
  /** So many of `committed` no crash may take back; the others were asynchronous. */
  safe: number;
  /** Its COMMIT was sent and not answered: it is there whole, or not at all. */
  inDoubt: Transfer | undefined;
  /** When its last COMMIT was sent. */
  sent: number;
}

export function emptyRecords(): readonly ClientRecord[] {
  return Array.from({ length: CLIENTS }, () => {
    return { committed: [], moments: [], safe: 0, inDoubt: undefined, sent: 0 };
  });
}

/** The text of a note; another for each transfer. */
export function noteOf({ client, number, noteLength }: Transfer): string {
  return `${client}/${number} `.repeat(Math.ceil(noteLength / 4)).slice(0, noteLength);
}
