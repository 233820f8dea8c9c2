import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkLeaks } from '../house/leaks.ts';
import { type Ended, runProgram } from '../house/program.ts';
import { repositoryPath } from '../house/root.ts';

const LONGEST_DEMO = 60;

checkLeaks();

function demo(name: string, ...args: string[]): Promise<Ended> {
	return runProgram(repositoryPath(`build/examples/${name}.js`), { args });
}

test('every demo is a file of less than sixty lines', () => {
	for (const name of readdirSync(repositoryPath('examples')).filter((name) => name.endsWith('.ts'))) {
		const lines = readFileSync(repositoryPath(`examples/${name}`), 'utf8')
			.trimEnd()
			.split('\n').length;
		assert.ok(lines < LONGEST_DEMO, `${name} has ${lines} lines`);
	}
});

test('who-am-i speaks directly, in a child and in five children that outlive the main code', async () => {
	const { code, stderr, lines } = await demo('01-who-am-i');
	assert.deepEqual([code, stderr], [0, '']);
	assert.match(lines[0] ?? '', /^called directly: I am MainProcess, process \d+$/);
	assert.match(lines[1] ?? '', /^in one child: I am Process-1, process \d+$/);
	const last = lines.slice(2).sort();
	assert.deepEqual(
		last.map((line) => line.replace(/\d+$/, 'N')),
		[
			'Main process exit.',
			'fifth: I am Process-6, process N',
			'first: I am Process-2, process N',
			'fourth: I am Process-5, process N',
			'second: I am Process-3, process N',
			'third: I am Process-4, process N',
		],
	);
	assert.notEqual(lines.at(-1), 'Main process exit.');
	const pids = lines.filter((line) => line !== 'Main process exit.').map((line) => line.split(' ').at(-1));
	assert.equal(new Set(pids).size, 7);
});

test('pipe-talk passes a list one way, and an object and a Set both ways', async () => {
	const { code, stderr, lines } = await demo('02-pipe-talk');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(lines, [
		"parent received [ 'pipe', 42, null, [ 'nested', true ] ]",
		"parent received { sort: 'fruit', starting: 'p', count: 3 }",
		"child received Set(3) { 'pear', 'plum', 'peach' }",
	]);
});

test('countdown counts down from ten and from twenty, each in order, and ends after both', async () => {
	const { code, stderr, lines } = await demo('03-countdown');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(numbersOf('ten', lines), downFrom(10));
	assert.deepEqual(numbersOf('twenty', lines), downFrom(20));
	assert.equal(lines.at(-1), 'Both are done.');
});

test('two-locks ends with an error that names both, and needs no lock when it passes values', async () => {
	const { code, stderr, lines } = await demo('04-two-locks');
	assert.deepEqual([code, stderr], [0, '']);
	const edges = lines
		.map((line) => /^ {2}(.*) waits for Lock-(\d+), which (.*) has$/.exec(line))
		.filter((edge) => edge !== null);
	assert.deepEqual(edges.map((edge) => edge[1]).sort(), ['x then y', 'y then x']);
	assert.deepEqual(edges.map((edge) => edge[3]).sort(), ['x then y', 'y then x']);
	assert.equal(new Set(edges.map((edge) => edge[2])).size, 2);
	assert.equal(lines[0], 'DeadlockError:');
	assert.deepEqual(lines.slice(1 + edges.length), ['one of them has both locks', 'without locks x is 6']);
});

test('shared-memory: what is shared is updated by all, the variable of a module by its own process only', async () => {
	const { code, stderr, lines } = await demo('05-shared-memory');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(lines, [
		'at first: scalar 3, array 1,1,1, global 3',
		'updated by the parent: scalar 6, array 2,2,2, global 6',
		'by children one after another: scalar 9, array 4,4,4, global 6',
		'by children at the same time: scalar 12, array 8,8,8, global 6',
	]);
});

test('pre-forked-server: each connection is served by the child whose turn it is, and all end', async () => {
	const { code, stderr, lines } = await demo('07-pre-forked-server');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(lines, [
		...[1, 2, 3, 1, 2, 3, 1].map((child, index) => `question ${index + 1} was answered by child ${child}`),
		'child 1 has served 3',
		'child 2 has served 2',
		'child 3 has served 2',
	]);
});

const SUMMARY = /^283146 primes; (?<drawings>\d+) drawings meanwhile, (?<gap>\d+) ms at most without one$/;

test('responsive-ui draws on while a child computes', async () => {
	const { code, stderr, lines } = await demo('08-responsive-ui');
	const { drawings } = SUMMARY.exec(lines.join('\n'))?.groups ?? {};
	assert.equal(code, 0);
	assert.ok(Number(drawings) >= 3, lines.join('\n'));
	const drawn = stderr.trimEnd().split('\n');
	assert.equal(drawn.length, Number(drawings));
	assert.deepEqual(
		drawn.filter((line) => !/^[|/\\-] \d+ %$/.test(line)),
		[],
	);
});

test('responsive-ui draws nothing while the main process computes', async () => {
	const { code, stderr, lines } = await demo('08-responsive-ui', '--in-main');
	assert.deepEqual([code, stderr], [0, '']);
	assert.equal(SUMMARY.exec(lines.join('\n'))?.groups?.drawings, '0');
});

test('counter-processes: three objects post their own state in order, and the parent ticks meanwhile', async () => {
	const { code, stderr, lines } = await demo('09-counter-processes');
	assert.deepEqual([code, stderr], [0, '']);
	const posted = lines.slice(0, -3).map((line) => JSON.parse(line) as [number, number]);
	assert.deepEqual(grouped(posted).sort(), [
		[0, 1, 2],
		[100, 101, 102],
		[1000, 1001, 1002],
	]);
	assert.match(lines.at(-3) ?? '', /^the parent has ticked \d+ times$/);
	assert.deepEqual(lines.slice(-2), ['its own counters are where they were: 0, 100, 1000', 'exit codes: 0, 0, 0']);
});

test('shared-dictionary: what four processes count at the same time is all in one dictionary', async () => {
	const { code, stderr, lines } = await demo('10-shared-dictionary');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(lines.slice(0, 4), ['8 the', '4 went', '3 and', '3 up']);
	assert.equal(lines.at(-1), '11 words, 31 in all');
});

test('job-server: workers that know a port and a key take the jobs from its queue, and put the results into the other', async () => {
	const { code, stderr, lines } = await demo('11-job-server');
	assert.deepEqual([code, stderr], [0, '']);
	assert.deepEqual(lines.slice().sort(), [
		'0: tsrif',
		'1: dnoces',
		'2: driht',
		'3: htruof',
		'4: htfif',
		'5: htxis',
		'worker blue has nothing more to do',
		'worker red has nothing more to do',
	]);
});

/** The states of each process, in the order in which they came. */
function grouped(posted: [number, number][]): number[][] {
	const pids = [...new Set(posted.map(([pid]) => pid))];
	return pids.map((pid) => posted.filter(([other]) => other === pid).map(([, state]) => state));
}

function numbersOf(name: string, lines: string[]): number[] {
	return lines.filter((line) => line.startsWith(`${name}: `)).map((line) => Number(line.slice(name.length + 2)));
}

function downFrom(start: number): number[] {
	return Array.from({ length: start }, (_, index) => start - index);
}
