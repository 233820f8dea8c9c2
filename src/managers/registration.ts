/** What users pass to `register`. */
import { rangeError, typeError } from '../base/errors.ts';
import type { RegisterOptions, Registration } from './registry.ts';

const OPTIONS: readonly string[] = ['exposed', 'proxytype', 'methodToTypeid'];
const INHERITED: readonly string[] = Object.getOwnPropertyNames(Object.prototype);

/** What a user passed to `register`, if that makes sense. */
export function checkedRegistration(typeid: unknown, make: unknown, options: unknown): Registration {
	if (typeof typeid !== 'string') throw typeError(`register: the name must be a string, not ${typeof typeid}`);
	const name = `register('${typeid}')`;
	if (typeid === '') throw rangeError('register: the name is empty');
	if (INHERITED.includes(typeid))
		throw rangeError(`${name}: this is a method that every object has; choose another name`);
	if (make !== undefined && make !== null && typeof make !== 'function') {
		throw typeError(`${name}: what makes the objects must be a class or a function, not ${typeof make}`);
	}
	if (options !== undefined && (typeof options !== 'object' || options === null)) {
		throw typeError(`${name}: options must be an object {${OPTIONS.join(', ')}}`);
	}
	const { exposed, proxytype, methodToTypeid = {}, ...others } = (options ?? {}) as RegisterOptions;
	for (const key of Object.keys(others)) {
		throw typeError(`${name}: there is no option ${key}; there are ${OPTIONS.join(', ')}`);
	}
	if (proxytype !== undefined && typeof proxytype !== 'function') throw typeError(`${name}: proxytype must be a class`);
	return {
		typeid,
		make: (make ?? null) as Registration['make'],
		exposed: exposed === undefined ? null : checkedNames(exposed, name),
		proxytype: proxytype ?? null,
		methodToTypeid: checkedMethods(methodToTypeid, name),
	};
}

function checkedNames(exposed: unknown, name: string): readonly string[] {
	if (!Array.isArray(exposed)) throw typeError(`${name}: exposed must be an array of names`);
	for (const method of exposed as unknown[]) {
		if (typeof method !== 'string')
			throw typeError(`${name}: exposed must be an array of names, not of ${typeof method}`);
		if (INHERITED.includes(method) || method === 'then') {
			throw rangeError(`${name}: ${method} cannot be exposed: it would lead out of the object`);
		}
	}
	return [...(exposed as string[])];
}

function checkedMethods(methods: unknown, name: string): Readonly<Record<string, string>> {
	if (typeof methods !== 'object' || methods === null) {
		throw typeError(`${name}: methodToTypeid must be an object of names: {method: typeid}`);
	}
	for (const [method, typeid] of Object.entries(methods)) {
		if (typeof typeid !== 'string') throw typeError(`${name}: methodToTypeid.${method} must be a name of a type`);
	}
	return { ...(methods as Record<string, string>) };
}
