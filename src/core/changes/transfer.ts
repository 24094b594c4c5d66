/** A stored state that cannot be used; the stream is then derived again from its windows. */
export class UnreadableState extends Error {
  readonly code: "version" | "definition" | "length";
  constructor(code: UnreadableState["code"], message: string) {
    super(message);
    this.name = "UnreadableState";
    this.code = code;
  }
}

/**
 * Writes values to bytes, or reads them back: the layout is described once, by a function that hands every value through. Writing
 * returns what was given; reading ignores it and returns what was stored. Little-endian.
 */
export interface Transfer {
  readonly isReading: boolean;
  u8(value: number): number;
  u32(value: number): number;
  f64(value: number): number;
  /** A whole number >= 0, seven bits a byte, lowest first. */
  count(value: number): number;
  /** The first `length` entries, in place. */
  f64s(values: Float64Array, length: number): void;
  f32s(values: Float32Array, length: number): void;
}

export function createWriter(): { readonly transfer: Transfer; bytes(): Uint8Array } {
  let view = new DataView(new ArrayBuffer(4096));
  let at = 0;
  function room(bytes: number): number {
    const from = at;
    at += bytes;
    if (at > view.byteLength) {
      const larger = new Uint8Array(2 * at);
      larger.set(new Uint8Array(view.buffer));
      view = new DataView(larger.buffer);
    }
    return from;
  }
  const transfer: Transfer = {
    isReading: false,
    u8(value) {
      const from = room(1);
      view.setUint8(from, value);
      return value;
    },
    u32(value) {
      const from = room(4);
      view.setUint32(from, value, true);
      return value;
    },
    f64(value) {
      const from = room(8);
      view.setFloat64(from, value, true);
      return value;
    },
    count(value) {
      let rest = value;
      while (rest >= 128) {
        transfer.u8(128 | (rest % 128));
        rest = Math.floor(rest / 128);
      }
      transfer.u8(rest);
      return value;
    },
    f64s(values, length) {
      for (let i = 0; i < length; i++) transfer.f64(values[i]!);
    },
    f32s(values, length) {
      for (let i = 0; i < length; i++) {
        const from = room(4);
        view.setFloat32(from, values[i]!, true);
      }
    },
  };
  return { transfer, bytes: () => new Uint8Array(view.buffer.slice(0, at)) };
}

/** @throws UnreadableState (code length), from each read beyond the end. */
export function createReader(bytes: Uint8Array): { readonly transfer: Transfer; isAtEnd(): boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  function take(size: number): number {
    const from = at;
    at += size;
    if (at > view.byteLength) throw new UnreadableState("length", `the state ends after ${view.byteLength} bytes`);
    return from;
  }
  const transfer: Transfer = {
    isReading: true,
    u8: () => view.getUint8(take(1)),
    u32: () => view.getUint32(take(4), true),
    f64: () => view.getFloat64(take(8), true),
    count() {
      let value = 0;
      let scale = 1;
      for (;;) {
        const byte = transfer.u8(0);
        value += (byte & 127) * scale;
        if (byte < 128) return value;
        scale *= 128;
      }
    },
    f64s(values, length) {
      for (let i = 0; i < length; i++) values[i] = view.getFloat64(take(8), true);
    },
    f32s(values, length) {
      for (let i = 0; i < length; i++) values[i] = view.getFloat32(take(4), true);
    },
  };
  return { transfer, isAtEnd: () => at === view.byteLength };
}
