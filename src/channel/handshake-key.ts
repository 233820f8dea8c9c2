/** The key of the method by which a connection is told that a handshake is what comes next. */
export const handshakeAhead: unique symbol = Symbol.for('polyproc.handshakeAhead') as never;
