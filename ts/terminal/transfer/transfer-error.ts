/** An import or an export that cannot be; the message is for the user, with all that they need. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** Whoever read standard output is gone: there is nobody to tell. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** The user pressed Ctrl-C. */
export class TransferCancelled extends Error {
  override readonly name = 'TransferCancelled';
}
