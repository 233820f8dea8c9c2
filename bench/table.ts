/** The table of results, one line for every shape and rival. */
import { median } from './measure.ts';
import type { Shape, Target } from './shapes/shape.ts';

/** One line: what was measured, and against what. */
export interface Line {
	shape: Shape;
	rival: string;
	target: Target | null;
	/** One value a round. */
	ours: readonly number[];
	/** The same rounds; `null`: the rival is not on this machine. */
	theirs: readonly number[] | null;
}

const HEAD = ['', 'polyproc', 'compared with', '', 'ratio', 'asked', 'holds'];

/** The lines as text, columns aligned, numbers to the right. */
export function table(lines: readonly Line[]): string {
	const rows = [HEAD, ...lines.map(cells)];
	const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
	const rule = widths.map((width) => '-'.repeat(width)).join('  ');
	const texts = rows.map((row) =>
		row
			.map((cell, column) => align(cell, widths[column] ?? 0, column))
			.join('  ')
			.trimEnd(),
	);
	return [texts[0], rule, ...texts.slice(1)].join('\n');
}

function align(cell: string, width: number, column: number): string {
	return column === 1 || column === 3 || column === 4 ? cell.padStart(width) : cell.padEnd(width);
}

function cells({ shape, rival, target, ours, theirs }: Line): string[] {
	const mine = amount(median(ours), shape);
	const asked = target === null ? '' : describe(target, shape);
	if (theirs === null) return [shape.what, mine, rival, 'not here', '', asked, ''];
	const value = comparison(target, ours, theirs);
	const ratio = isDifference(target) ? `${value.toFixed(1)} ms more` : `${value.toFixed(2)}×`;
	const holds = target === null ? '' : fulfils(target, value, median(ours)) ? 'yes' : 'NO';
	return [shape.what, mine, rival, amount(median(theirs), shape), ratio, asked, holds];
}

function describe(target: Target, { unit }: Shape): string {
	if ('below' in target) return `< ${target.below} ${unit}`;
	if ('atLeast' in target) return `≥ ${target.atLeast}×`;
	return 'atMost' in target ? `≤ ${Number(target.atMost.toFixed(3))}×` : `< ${target.within} ms more`;
}

function isDifference(target: Target | null): boolean {
	return target !== null && 'within' in target;
}

/** Each round is compared with itself, so that a machine that gets slower meanwhile does not count; then the median. */
function comparison(target: Target | null, ours: readonly number[], theirs: readonly number[]): number {
	const compare = isDifference(target) ? (a: number, b: number) => a - b : (a: number, b: number) => a / b;
	return median(ours.map((value, round) => compare(value, theirs[round] ?? Number.NaN)));
}

function fulfils(target: Target, value: number, mine: number): boolean {
	if ('below' in target) return mine < target.below;
	if ('atLeast' in target) return value >= target.atLeast;
	return 'atMost' in target ? value <= target.atMost : value < target.within;
}

/** Three significant digits, thousands as k and millions as M. */
function amount(value: number, { unit }: Shape): string {
	if (unit !== '/s') return `${value.toFixed(value < 1 ? 2 : 1)} ${unit}`;
	const [scale, letter] = value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ' '];
	return `${Number((value / scale).toPrecision(3))}${letter}/s`;
}
