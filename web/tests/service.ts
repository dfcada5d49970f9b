// A service on a port of this machine: it answers as a test tells it, and remembers what it got.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}
export interface Answer {
  status?: number;
  json?: unknown;
  stream?: string;
}

export class TestService {
  readonly received: Received[] = [];
  private readonly server = createServer((request, response) => {
    void read(request).then((received) => {
      this.received.push(received);
      const { status = 200, json, stream } = this.answer(received);
      const type = stream === undefined ? "application/json" : "text/event-stream";
      response.writeHead(status, { "Content-Type": type });
      response.end(stream ?? (json === undefined ? undefined : JSON.stringify(json)));
    });
  });

  constructor(public answer: (received: Received) => Answer) {}

  /** Begin to listen; returns the address, which the page is set to as well. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const { port } = this.server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`${base}/`);
    return base;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What was received at a path, whatever its query. */
  at(method: string, path: string): Received[] {
    return this.received.filter((one) => one.method === method && one.path.split("?")[0] === path);
  }
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
