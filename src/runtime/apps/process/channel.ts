import { createRpcClient, type Port, type RpcClient, serveRpc } from "../../threads/rpc.ts";

/** One end of a channel over which both sides ask, answer and tell. */
export interface Channel<Out> extends RpcClient {
  tell(news: Out): void;
}

export interface ChannelParts<In> {
  readonly answer: (name: string, input: unknown) => unknown;
  readonly hear: (news: In) => void;
}

export function openChannel<In extends object, Out extends object>(port: Port, { answer, hear }: ChannelParts<In>): Channel<Out> {
  serveRpc(
    only(port, (message) => "name" in message),
    answer,
  );
  const client = createRpcClient(only(port, (message) => !("name" in message || "news" in message)));
  port.on("message", (message) => {
    if ("news" in (message as object)) hear(message as In);
  });
  return { ...client, tell: (news) => port.postMessage(news, []) };
}

/** The port, as far as these messages go. */
function only(port: Port, isMine: (message: object) => boolean): Port {
  return {
    on: (event, listener) =>
      port.on(event, (message) => {
        if (isMine(message as object)) listener(message);
      }),
    postMessage: (message, transfer) => port.postMessage(message, transfer),
  };
}
