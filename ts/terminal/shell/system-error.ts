const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EEXIST: 'File exists',
};

/** `No such file or directory`: a failure of the system, as its own tools word it. */
export function systemErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return TEXTS[code ?? ''] ?? message;
}

/** The same with the file before it. */
export function fileErrorText(path: string, error: unknown): string {
  return `${path}: ${systemErrorText(error)}`;
}
