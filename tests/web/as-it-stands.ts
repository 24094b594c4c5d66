import { request } from "node:http";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks for a target as it stands: no client that tidies the address first. */
export function askAsItStands(
  url: string,
  target: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<Answered> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path: target, headers, agent: false }, (response) =>
      text(response).then(
        (answer) => resolve({ status: response.statusCode!, headers: response.headers, body: answer }),
        (error: Error) => reject(error),
      ),
    );
    asked.on("error", reject).end(body);
  });
}

/** Sends what need be no request, and hears until the other side hangs up. */
export async function sendAsItStands(url: string, sent: string | readonly string[]): Promise<Answered> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port), allowHalfOpen: false });
  for (const each of [sent].flat()) socket.write(each);
  let heard = "";
  for await (const piece of socket.setEncoding("utf8")) heard += piece;
  const [head, ...body] = heard.split("\r\n\r\n");
  const [first, ...lines] = head!.split("\r\n");
  const headers = lines.map((line) => [line.split(":", 1)[0]!.toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  return { status: Number(first!.split(" ")[1]), headers: Object.fromEntries(headers), body: body.join("\r\n\r\n") };
}

/** The same address written otherwise: the router decodes it, and takes away what stands before the path. */
export function spellingsOf(path: string): readonly string[] {
  const escaped = (at: number): string => `${path.slice(0, at)}%${path.charCodeAt(at).toString(16)}${path.slice(at + 1)}`;
  return [path, escaped(1), escaped(path.length - 1), `http://any.example${path}`, `HTTPS://any.example:1${escaped(1)}`];
}
