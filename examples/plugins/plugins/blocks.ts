/** Blocks its event loop: nothing in its process goes on, not even what could be asked to stop. */
export default function blocks(): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
