/** An import or an export that cannot be; the message is for the user, with all that they need. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** The user pressed Ctrl-C. */
export class TransferCancelled extends Error {
  override readonly name = 'TransferCancelled';
}
