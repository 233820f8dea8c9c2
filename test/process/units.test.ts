/** The small decisions, each by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuCount } from 'polyproc';
import { cgroupQuota } from '../../src/os/linux/cpu.ts';
import { anchored, inheritedExecArgv } from '../../src/process/exec-argv.ts';

test('children inherit how code is loaded and run, not what to run, nor a debugger or the test runner', () => {
	for (const [own, inherited] of [
		[
			['--import', 'tsx'],
			['--import', 'tsx'],
		],
		[
			['--import=tsx', '-r', './x.cjs', '--conditions', 'dev'],
			['--import=tsx', '-r', './x.cjs', '--conditions', 'dev'],
		],
		[['--inspect', '--inspect-brk=9229', '--inspect-port', '0', '--no-warnings'], ['--no-warnings']],
		[['-e', 'code', '--expose-gc'], ['--expose-gc']],
		[['--input-type=module', '--eval', 'code'], []],
		[['-pe', '1'], []],
		[
			['--test', '--test-name-pattern', 'x', '--test-reporter=spec', '--experimental-test-coverage', '-C', 'x'],
			['-C', 'x'],
		],
		[['--watch', '--watch-path', 'src', '--max-old-space-size=64'], ['--max-old-space-size=64']],
	] as const) {
		assert.deepEqual(inheritedExecArgv(own), inherited);
	}
});

test('modules and files in options are those of the folder they were written for', () => {
	const options = ['--import', './a.mjs', '--require=../b.cjs', '-r', './c.cjs', '--import=file:///d.mjs'];
	const others = ['--env-file=.env', '--conditions', './e', '--import', 'no-such-package', '--loader=node:fs'];
	assert.deepEqual(anchored([...options, ...others], '/home/x'), [
		'--import',
		'file:///home/x/a.mjs',
		'--require=/home/b.cjs',
		'-r',
		'/home/x/c.cjs',
		'--import=file:///d.mjs',
		'--env-file=/home/x/.env',
		'--conditions',
		'./e',
		'--import',
		'no-such-package',
		'--loader=node:fs',
	]);
	assert.deepEqual(anchored(['--import', 'tsx'], process.cwd()), ['--import', import.meta.resolve('tsx')]);
});

function files(contents: Record<string, string>): (path: string) => string | null {
	return (path) => contents[path] ?? null;
}

test('the processors a control group pays for are the smallest quota up to the root', () => {
	assert.equal(cgroupQuota(files({})), Number.POSITIVE_INFINITY);
	const v2 = files({
		'/proc/self/cgroup': '0::/a/b\n',
		'/sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
		'/sys/fs/cgroup/a/cpu.max': '150000 100000\n',
		'/sys/fs/cgroup/cpu.max': '400000 100000\n',
	});
	assert.equal(cgroupQuota(v2), 1.5);
	const v1 = files({
		'/proc/self/cgroup': '4:cpu,cpuacct:/docker/1\n3:memory:/docker/1\n',
		'/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
		'/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
	});
	assert.equal(cgroupQuota(v1), 0.5);
});

test('there is at least one processor', () => {
	assert.ok(Number.isInteger(cpuCount()) && cpuCount() >= 1);
});
