/** What can be known of forking without loading the platform, because programs ask before they start anything. */

/** The options of Node without which a fork of it does not live (linux/fork.ts); none where processes cannot be forked. */
export const FORK_FLAGS: readonly string[] =
	process.platform === 'linux' ? ['--single-threaded', '--single-threaded-gc', '--v8-pool-size=0'] : [];
