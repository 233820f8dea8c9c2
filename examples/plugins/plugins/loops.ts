/** Never comes to an end, and takes all of a processor. */
export default function loops(): never {
	for (;;);
}
