/** The key under which Lock and RLock have their mutex block, for what is built on them. */
export const mutexBlock: unique symbol = Symbol('mutex block');
