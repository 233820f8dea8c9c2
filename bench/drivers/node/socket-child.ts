/** The child's half of handing over a socket by process.send. */
import type { Socket } from 'node:net';

process.on('message', (_, socket) => (socket as Socket).end('answer'));
process.send?.('listening');
