// native/common/src/sqlstate.rs from native/common/sqlstates.json.
import type { GeneratedFile } from '../generate.ts';
import { readSqlstates } from './catalogue.ts';
import { mark } from './mark.ts';

const HEAD = `//! SQLSTATEs by PostgreSQL's names (its appendix A, without \`ERRCODE_\`).
//!
//! ${mark('native/common/sqlstates.json')}

/// Five ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SqlState(pub [u8; 5]);

impl SqlState {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }
}

impl Default for SqlState {
    fn default() -> Self {
        INTERNAL_ERROR
    }
}

impl std::fmt::Display for SqlState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for SqlState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
`;

export function sqlstateFiles(root: string): readonly GeneratedFile[] {
  const lines = readSqlstates(root).map(
    ({ sqlstate, name }) => `pub const ${name}: SqlState = SqlState(*b"${sqlstate}");`,
  );
  return [{ path: 'native/common/src/sqlstate.rs', content: `${HEAD}\n${lines.join('\n')}\n` }];
}
