/** Marks the file as ours: "rgsy" in ASCII, as SQLite's `application_id` has it. */
export const applicationId = 0x72677379;

/**
 * What brings a file from one version to the next: step n makes version n + 1. Steps are never changed once released;
 * a new one is added, and knows only what those before it made.
 *
 * `id` grows with every write (rows are replaced, never updated), so that the oldest knowledge has the smallest: a
 * table is kept to its size by cutting off below a number. Times are epoch milliseconds.
 */
export const steps: readonly string[] = [
  `CREATE TABLE agreed_tag (
     id INTEGER PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL, digest TEXT NOT NULL,
     agreed_ms INTEGER NOT NULL, verified_ms INTEGER NOT NULL, UNIQUE (source, target)
   ) STRICT;
   CREATE TABLE blob_home (
     id INTEGER PRIMARY KEY, host TEXT NOT NULL, digest TEXT NOT NULL, repository TEXT NOT NULL,
     UNIQUE (host, digest, repository)
   ) STRICT;
   CREATE TABLE upload (
     id INTEGER PRIMARY KEY, origin TEXT NOT NULL, repository TEXT NOT NULL, digest TEXT NOT NULL,
     location TEXT NOT NULL, offset_bytes INTEGER NOT NULL, noted_ms INTEGER NOT NULL,
     UNIQUE (origin, repository, digest)
   ) STRICT;`,
];

/** A table, and how many rows it keeps. */
export interface Table {
  readonly name: "agreed_tag" | "blob_home" | "upload";
  readonly mostRows: number;
}
