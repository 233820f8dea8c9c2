/** Has a bug. */
export default function throws(): void {
	const settings = JSON.parse('{}') as { colour: { name: string } };
	settings.colour.name = 'red';
}
