// Tests about the code itself: who imports whom, how long things may be, what may not be called.
// Each check has its own test in checks.test.ts, which shows that it can fail.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { checkCrateArrows, checkTsArrows } from './checks/arrows.ts';
import { checkBanned } from './checks/banned.ts';
import { checkDeadModules, checkDeadRust } from './checks/dead-files.ts';
import { checkDocuments } from './checks/documents.ts';
import { checkGuards } from './checks/guards.ts';
import { checkJsonKeys } from './checks/json-keys.ts';
import { checkNames } from './checks/names.ts';
import { type Allowed, checkSizes } from './checks/sizes.ts';
import { type Problem, ROOT, readTree } from './source-file.ts';

const tree = readTree();
const allowed = JSON.parse(
  readFileSync(join(import.meta.dirname, 'allowed.json'), 'utf8'),
) as Allowed;

const CHECKS: Readonly<Record<string, () => readonly Problem[]>> = {
  'crates import only crates above them': () => checkCrateArrows(tree),
  'folders of ts/ import only folders below them': () => checkTsArrows(tree),
  'files and functions keep their caps': () => checkSizes(tree, allowed),
  'no banned call': () => checkBanned(tree),
  'every export of the addon has a panic guard': () => checkGuards(tree),
  'no dead module or script': () => checkDeadModules(tree),
  'no dead Rust file': () => checkDeadRust(tree),
  'file names have one style': () => checkNames(tree),
  'no key is twice in an object of JSON': () => checkJsonKeys(tree),
  'every path in the documents is there': () =>
    checkDocuments(tree, (path) => existsSync(join(ROOT, path))),
};

for (const [name, check] of Object.entries(CHECKS)) {
  test(name, (t) => {
    t.deepEqual(check(), []);
  });
}
