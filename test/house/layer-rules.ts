/**
 * The layers of the package and, made from them, the rules dependency-cruiser checks: a file imports from its own
 * folder and from lower layers; never up, never sideways, never in a circle, not even for a type. The faces
 * (`src/*.ts`) stand above everything and nothing imports them.
 */
import { cruise, type ICruiseResult, type IForbiddenRuleType, type IViolation } from 'dependency-cruiser';

/** From the bottom up; folders of one line are siblings and do not see each other. */
export const LAYERS: readonly (readonly string[])[] = [
	['base'],
	['os', 'wire'],
	['memory'],
	['sync'],
	['channel'],
	['process'],
	['pool'],
	['managers'],
	['context'],
	['distributed'],
	['dashboard', 'testing'],
	['cli'],
];

function folders(names: readonly string[]): string {
	return `^src/(${names.join('|')})/`;
}

/** What a folder of layer `level` must not import: its siblings and everything above. */
function notBelow(name: string, level: number): string[] {
	return LAYERS.slice(level)
		.flat()
		.filter((other) => other !== name);
}

function layerRules(): IForbiddenRuleType[] {
	return LAYERS.flatMap((names, level) =>
		names.map((name) => ({
			name: `${name}-imports-only-below`,
			comment: `src/${name} is layer ${level}`,
			severity: 'error' as const,
			from: { path: folders([name]) },
			to: { path: folders(notBelow(name, level)) },
		})),
	);
}

const RULES: IForbiddenRuleType[] = [
	...layerRules(),
	{ name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
	{ name: 'nobody-imports-a-face', severity: 'error', from: {}, to: { path: '^src/[^/]+$' } },
	{ name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

/** One broken rule, as a sentence. */
export interface Violation {
	rule: string;
	from: string;
	to: string;
}

/** Every rule that the sources under `folder`/src break. */
export async function violations(folder: string): Promise<Violation[]> {
	const { output } = await cruise(['src'], {
		baseDir: folder,
		validate: true,
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
		ruleSet: { forbidden: RULES },
	});
	const { summary } = output as ICruiseResult;
	return summary.violations.map(({ rule, from, to }: IViolation) => ({ rule: rule.name, from, to }));
}

/** How many modules the rules were applied to: none would mean that nothing was checked. */
export async function moduleCount(folder: string): Promise<number> {
	const { output } = await cruise(['src'], { baseDir: folder, tsPreCompilationDeps: true });
	return (output as ICruiseResult).summary.totalCruised;
}
