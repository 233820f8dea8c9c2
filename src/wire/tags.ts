/**
 * The pickle format, as bytes. A message is
 *
 *     ┌─────────┬───────────┐            ┌──────────┬───────┬─────────────┬───────────────────┐
 *     │ PLAIN   │ one value │     or     │ MODULES  │ value │ module list │ where it starts:  │
 *     └─────────┴───────────┘            └──────────┴───────┴─────────────┴ float64, 8 bytes ─┘
 *
 * The module list comes last because the values are written in one pass and name their modules as they go; a receiver
 * that may wait reads it first and imports what it does not know yet. A message stands alone: nothing is remembered
 * from one message to the next, because several processes may share one end of a pipe.
 *
 * Every value starts with one byte:
 *
 *     00–3f   the integer itself            40–5f   an ASCII string of 0–31 bytes, which follow
 *     60–7f   an array of 0–31 items        80–     the tags below
 *
 * Lengths and counts are varints (7 bits a byte, low bits first). Objects, functions and every other value with an
 * identity are numbered in the order in which they *begin*; REF names an earlier one by that number.
 */

export const PLAIN = 0x50;
export const MODULES = 0x51;

export const SHORT_STRING = 0x40;
export const SHORT_ARRAY = 0x60;
/** Longest string, and longest array, whose length fits into the tag. */
export const SHORT_LIMIT = 31;

export const UNDEFINED = 0x80;
export const NULL = 0x81;
export const TRUE = 0x82;
export const FALSE = 0x83;
/** varint */
export const POSITIVE = 0x84;
/** varint of −(n + 1) */
export const NEGATIVE = 0x85;
/** 8 bytes, IEEE 754, little-endian */
export const DOUBLE = 0x86;
/** text in base 16 (as a string value), preceded by a sign byte */
export const BIGINT = 0x87;
/** 4 bytes of length, then ASCII / UTF-8 / UTF-16 (only strings with lone surrogates) */
export const ASCII = 0x88;
export const UTF8 = 0x89;
export const UTF16 = 0x8a;
export const SYMBOL_FOR = 0x8b;
export const SYMBOL_WELL_KNOWN = 0x8c;
export const REF = 0x8d;

export const ARRAY = 0x90;
/** length, then pairs of key and value: holes, sparse arrays, arrays with properties of their own */
export const ODD_ARRAY = 0x91;
/** hash (2 bytes), length of the key block (2 bytes), key block (count, keys), values */
export const OBJECT_NEW_SHAPE = 0x92;
/** number of a shape met earlier in this message, values */
export const OBJECT_KNOWN_SHAPE = 0x93;
/** count, then pairs of key and value: more keys than a shape is worth */
export const OBJECT_WIDE = 0x94;
export const OBJECT_NULL_PROTO = 0x95;
/** the prototype (a value), then the object as pairs */
export const OBJECT_WITH_PROTO = 0x96;

/** an object or array so deep inside that its content follows after everything else, in the order of these tags */
export const DEFERRED_OBJECT = 0x97;
export const DEFERRED_ARRAY = 0xac;

/** an array of nothing but numbers, many: bytes of each (4: integers of 32 bits, 8: doubles), length, then the numbers, little-endian */
export const NUMBERS = 0xad;

export const MAP = 0x98;
export const SET = 0x99;
export const DATE = 0x9a;
export const REGEXP = 0x9b;
export const BOXED = 0x9c;
export const ARRAY_BUFFER = 0x9d;
/** kind, the buffer (a value), byte offset, length */
export const VIEW = 0x9e;
/** a Buffer that is a window of a larger allocation: its bytes only */
export const BUFFER = 0x9f;
/** native class, then own properties: key, enumerable, value */
export const ERROR = 0xa0;
export const DOM_EXCEPTION = 0xa1;
export const URL_TAG = 0xa2;
export const URL_SEARCH = 0xa3;

/** length, then V8's own serialization of a large Map or Set of nothing but primitives */
export const BULK = 0xa4;

/** class (a value), then the fields as an object */
export const INSTANCE = 0xa8;
/** class (a value), the native part (a value), then the fields */
export const SUBCLASS = 0xa9;
/** the array [rebuild, ...args] */
export const REDUCED = 0xaa;
/** kind, data */
export const SHARED = 0xab;

/** module number, then a path from its namespace: a function or class found by reference */
export const MEMBER = 0xb0;
/** the same without an identity of its own: a captured import */
export const IMPORTED = 0xb1;
export const CLOSURE = 0xb2;
export const BOUND = 0xb3;
/** the `require` of a CommonJS module */
export const REQUIRE = 0xb4;
/** what a compiler's interop helper made of a CommonJS module: module, whether it has the module as `default` */
export const INTEROP = 0xb5;
/** the `import.meta` of a module: its URL */
export const IMPORT_META = 0xb6;
