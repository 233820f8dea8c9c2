/** The environment of a child. */

/** A debugger's options among Node's; a port is there for one process only. */
const DEBUGGER = /(?<=^|\s)(?:--(?:inspect|debug)-port(?:=|\s+)\S+|--inspect\S*)(?:\s+|$)/g;

/** As given, or else that of this process, without its debugger. */
export function childEnvironment(given: NodeJS.ProcessEnv | undefined): NodeJS.ProcessEnv {
	const options = process.env.NODE_OPTIONS;
	if (given !== undefined || options === undefined) return given ?? process.env;
	const { NODE_OPTIONS: _, ...rest } = process.env;
	const left = options.replace(DEBUGGER, '').trim();
	return left === '' ? rest : { ...rest, NODE_OPTIONS: left };
}
