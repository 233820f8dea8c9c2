/** Symbols that mean the same in every process: registered ones (`Symbol.for`) and the language's own. */
import { UnpicklingError } from '../base/errors.ts';
import * as tag from './tags.ts';
import { Unpicklable } from './unpicklable.ts';
import type { ValueWriter } from './value-writer.ts';

function wellKnownName(symbol: symbol): string | undefined {
	return Object.getOwnPropertyNames(Symbol).find((name) => Reflect.get(Symbol, name) === symbol);
}

export function writeSymbol(out: ValueWriter, symbol: symbol): void {
	const key = Symbol.keyFor(symbol);
	const name = key ?? wellKnownName(symbol);
	if (name === undefined) {
		throw new Unpicklable(
			`${String(symbol)} exists in this process only; use Symbol.for(…), which every process shares`,
		);
	}
	out.byte(key === undefined ? tag.SYMBOL_WELL_KNOWN : tag.SYMBOL_FOR);
	out.string(name);
}

export function wellKnownSymbol(name: string): symbol {
	const symbol: unknown = Reflect.get(Symbol, name);
	if (typeof symbol === 'symbol') return symbol;
	throw new UnpicklingError(`Cannot unpickle: this Node has no Symbol.${name}; run the same version on both sides`);
}
