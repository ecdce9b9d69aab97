// Counts the lines of the Test Anything Protocol, as ava prints them.

/** Feed it lines; `counts()` gives `{ passed, failed, skipped }` as a runner returns them. */
export function tapReader() {
  let passed = 0;
  const failed = [];
  const skipped = [];
  return {
    line(line) {
      const found = /^(not )?ok \d+(?: - (.*))?$/.exec(line);
      if (found === null) return;
      const description = found[2] ?? '';
      const directive = / # (SKIP|TODO)\b ?(.*)$/i.exec(description);
      const name = description.replace(/ # (SKIP|TODO)\b.*$/i, '');
      if (directive !== null) skipped.push({ name, why: directive[2] || directive[1] });
      else if (found[1] !== undefined) failed.push({ name, why: 'failed' });
      else passed += 1;
    },
    counts: () => ({ passed, failed, skipped }),
  };
}
