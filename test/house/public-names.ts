/** What `import * as mp from 'polyproc'` gives, by name: nothing is public that is not listed here. */

export const PUBLIC_NAMES: readonly string[] = [
	// processes
	'Process',
	'activeChildren',
	'cpuCount',
	'currentProcess',
	'isMain',
	'parentProcess',
	'setExecutable',
	// start methods
	'getAllStartMethods',
	'getContext',
	'getStartMethod',
	'setForkserverPreload',
	'setStartMethod',
	// logging
	'getLogger',
	'logToStderr',
	// pipes
	'Connection',
	'Pipe',
	'wait',
	'waitSync',
	// synchronisation
	'Lock',
	'RLock',
	// shared values and memory
	'Array',
	'RawArray',
	'RawValue',
	'SharedArray',
	'ShareableList',
	'SharedMemory',
	'StructType',
	'Value',
	'struct',
	// pickling
	'pickle',
	'reduce',
	'registerReducer',
	// errors
	'AuthenticationError',
	'BrokenBarrierError',
	'BrokenPipeError',
	'BufferTooShort',
	'CancelledError',
	'ClosedError',
	'DeadlockError',
	'EOFError',
	'Empty',
	'Full',
	'OwnerDiedError',
	'PicklingError',
	'ProcessError',
	'RemoteError',
	'RemoteTraceback',
	'TimeoutError',
	'UnpicklingError',
	'WorkerDiedError',
];
