/** The number of single-character edits from one word to another (Levenshtein, two rows). */
function distance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const added = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, added));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** The known word that is most like `word`, or undefined where none is alike. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const text = word.slice(0, 100); // what a user mistypes is short; the cost is quadratic
  const byDistance = known
    .map((candidate) => ({ candidate, edits: distance(text, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  const best = byDistance[0];
  return best !== undefined && best.edits <= Math.max(2, text.length / 3)
    ? best.candidate
    : undefined;
}
