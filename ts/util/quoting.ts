// Names and values as SQL text, for statements whose grammar takes no parameters.

/**
 * A text as a literal that means the same whatever `standard_conforming_strings` says: one with
 * backslashes is an ` E'...'`, whose blank keeps it apart from a word before it.
 */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A name as an identifier, always in quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
