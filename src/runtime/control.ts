import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { wordsOfWrite } from "../store/write-trouble.ts";

/** How commands ask the running app to write: one JSON line each way over a local socket. */

const requestSchema = z.object({ command: z.string(), input: z.unknown() });
const replySchema = z.union([z.object({ result: z.unknown() }), z.object({ error: z.string() })]);

/** Beside the database where its path is short enough for a socket (108 bytes), else in the temporary folder under the path's hash. */
export function controlSocketPath(dbPath: string): string {
  const beside = `${dbPath}.sock`;
  if (Buffer.byteLength(beside) < 100) return beside;
  return join(tmpdir(), `ml-data-layer-${createHash("sha256").update(dbPath).digest("hex").slice(0, 16)}.sock`);
}

export interface ControlServer {
  /** False once somebody has removed the socket: nobody finds it any more. */
  isReachable(): boolean;
  stop(): Promise<void>;
}

/** Only the owner of the database may listen, so a socket left by a dead process can be removed. */
export async function listenForCommands(
  dbPath: string,
  handle: (command: string, input: unknown) => Promise<unknown>,
): Promise<ControlServer> {
  const path = controlSocketPath(dbPath);
  if (existsSync(path)) rmSync(path);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    eachLine(socket, (line) => void answer(socket, line, handle));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    isReachable: () => existsSync(path),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** readline says its input's errors once more, and an error without a listener ends the process: whoever reads here listens to the socket itself. */
function eachLine(socket: Socket, take: (line: string) => void): void {
  createInterface({ input: socket })
    .on("line", take)
    .on("error", () => undefined);
}

async function answer(socket: Socket, line: string, handle: (command: string, input: unknown) => Promise<unknown>): Promise<void> {
  let reply: unknown;
  try {
    const { command, input } = requestSchema.parse(JSON.parse(line));
    reply = { result: (await handle(command, input)) ?? null };
  } catch (error) {
    reply = { error: wordsOfWrite(error) };
  }
  if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
}

/** Asks the app that owns the database. @throws Error with the app's own words when it refused, or when none answers. */
export function askRunningApp(dbPath: string, command: string, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(controlSocketPath(dbPath));
    socket.on("error", (cause: NodeJS.ErrnoException) => {
      const isForbidden = cause.code === "EACCES" || cause.code === "EPERM";
      const words = isForbidden
        ? `The app that owns ${dbPath} runs as another user, who alone may ask it. Call this as that user, or as root.`
        : `The app that owns ${dbPath} does not answer commands; is it still starting?`;
      reject(new Error(words, { cause }));
    });
    socket.on("close", () => reject(new Error("The app ended before it answered.")));
    eachLine(socket, (line) => {
      const reply = replySchema.parse(JSON.parse(line));
      if ("error" in reply) reject(new Error(reply.error));
      else resolve(reply.result);
      socket.end();
    });
    socket.write(`${JSON.stringify({ command, input })}\n`);
  });
}
