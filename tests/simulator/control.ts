import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultRule } from './faults.ts';
import type { Simulator } from './server.ts';

/** The addresses under `/_simulator/` by which another process steers and reads a simulator. */
export async function handleControl(
  simulator: Simulator,
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
): Promise<void> {
  const reply = (status: number, body: unknown) => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  };
  const command = `${req.method ?? 'GET'} ${path}`;
  try {
    if (command === 'GET /_simulator/counts') return reply(200, simulator.counts());
    if (command === 'GET /_simulator/requests') return reply(200, simulator.requests());
    if (command === 'GET /_simulator/totals') return reply(200, simulator.state.totals());
    if (command === 'POST /_simulator/reset') {
      simulator.reset();
      return reply(200, simulator.counts());
    }
    if (command === 'POST /_simulator/faults') {
      simulator.setFaults(JSON.parse(await text(req)) as FaultRule[]);
      return reply(200, {});
    }
    if (command === 'POST /_simulator/touch') {
      const { ids } = JSON.parse(await text(req)) as { ids: number[] };
      for (const id of ids) simulator.state.touch(id);
      return reply(200, {});
    }
    reply(404, { error: `no such command: ${command}` });
  } catch (error) {
    reply(400, { error: String(error) });
  }
}

async function text(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
