/** What is done to a view and, by the rival, to a plain typed array: both by this very code. */
export const ELEMENTS = 10_000;

export function stepOver(view: Float64Array): void {
	for (let i = 0; i < view.length; i++) view[i] = (view[i] as number) * 0.5 + i;
}
