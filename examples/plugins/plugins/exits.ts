/** Thinks that it may end the program. */
export default function exits(): never {
	process.exit(7);
}
