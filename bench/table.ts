/** The table of results, one line for every shape and rival. */
import type { Shape, Target } from './shapes/shape.ts';

/** One line: what was measured, and against what. */
export interface Line {
	shape: Shape;
	rival: string;
	target: Target | null;
	ours: number;
	/** `null`: the rival is not on this machine. */
	theirs: number | null;
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
	const asked = target === null ? '' : describe(target);
	if (theirs === null) return [shape.what, amount(ours, shape), rival, 'not here', '', asked, ''];
	const holds = target === null ? '' : fulfils(target, ours, theirs) ? 'yes' : 'NO';
	return [shape.what, amount(ours, shape), rival, amount(theirs, shape), compare(target, ours, theirs), asked, holds];
}

function describe(target: Target): string {
	if ('atLeast' in target) return `≥ ${target.atLeast}×`;
	return 'atMost' in target ? `≤ ${target.atMost}×` : `< ${target.within} ms more`;
}

function compare(target: Target | null, ours: number, theirs: number): string {
	if (target !== null && 'within' in target) return `${(ours - theirs).toFixed(1)} ms more`;
	return `${(ours / theirs).toFixed(2)}×`;
}

/** Whether ours compares with theirs as asked. */
export function fulfils(target: Target, ours: number, theirs: number): boolean {
	if ('atLeast' in target) return ours / theirs >= target.atLeast;
	return 'atMost' in target ? ours / theirs <= target.atMost : ours - theirs < target.within;
}

/** Three significant digits, thousands as k and millions as M. */
function amount(value: number, { unit }: Shape): string {
	if (unit === 'ms') return `${value.toFixed(1)} ms`;
	const [scale, letter] = value >= 1e6 ? [1e6, ' M'] : value >= 1e3 ? [1e3, ' k'] : [1, ' '];
	return `${Number((value / scale).toPrecision(3))}${letter}/s`;
}
