import { getContext, Pipe } from 'polyproc';
import { handoverTime } from '../../handover-step.ts';
import { report } from '../../measure.ts';
import { answerAll } from './answer.ts';

const [sockets, handOver] = Pipe({ duplex: false });
const child = new (getContext('spawn').Process)({ target: answerAll, args: [sockets] });
await child.start();
sockets.close();
report(
	await handoverTime(async (socket) => {
		await handOver.send(socket);
		socket.destroy();
	}),
);
handOver.close();
await child.join();
