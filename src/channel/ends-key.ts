/** The key by which a connection shows its ends to the rest of this package: apart, because a class is named by it. */
export const ends: unique symbol = Symbol('polyproc.ends');
