/**
 * Records what clients did, as a history that `seriatim check` reads. Copy this file; it needs Node 18 and nothing else.
 *
 *     const recorder = Recorder.create("history.jsonl", { model: "register" });
 *     const client = recorder.process(3, { node: "n1" });
 *     await client.run("write", { key: "x", value: 17n }, async (op) => {
 *       await store.put("x", 17n);
 *       op.ok();
 *     });
 *     const fault = recorder.fault("partition", ["n2"]);
 *     fault.stop();
 *     recorder.finish();
 *
 * All tasks of a thread may share a recorder; each worker thread appends with one of its own. Each event is one write to a
 * file in append mode. What `run` does without telling an outcome, because it threw, is recorded as `info`: nobody knows
 * whether it happened. Its client goes on under a new process number by itself. An error of writing ends the recording,
 * which is then the history up to there, and is thrown by `finish`.
 *
 * Integers beyond 2^53 must be BigInts: a Number would have lost digits, and is refused.
 */

import fs from "node:fs";
import { threadId } from "node:worker_threads";

/** Clients are numbered below this; it is also what separates the process numbers of one client. */
export const CLIENTS = 1_000_000;

/** A recording. `create` and `append` make one. */
export class Recorder {
  #file;
  #clock;
  #latest = 0n;
  #clients = new Map();
  #error;

  /** Use `create` or `append`. */
  constructor(file, clock) {
    this.#file = file;
    this.#clock = clock ?? machineClock();
  }

  /**
   * Begins a file anew; what was there before is gone. `clock` gives nanoseconds as a BigInt; all other options are fields
   * of the head, such as `model` and `init`.
   */
  static create(path, { clock, ...head } = {}) {
    fs.writeFileSync(path, encode({ seriatim: 1, ...head }));
    return new Recorder(fs.openSync(path, "a"), clock);
  }

  /** Goes on with a file, or begins it. Several processes may do so at once, each with clients of its own. */
  static append(path, { clock, ...head } = {}) {
    const line = encode({ seriatim: 1, ...head });
    begin(path, line);
    const file = fs.openSync(path, "a+");
    const { size } = fs.fstatSync(file);
    if (size === 0) {
      write(file, line);
    } else {
      // A recorder that was killed may have left half a line. What follows must not be taken for the rest of it.
      const last = Buffer.alloc(1);
      fs.readSync(file, last, 0, 1, size - 1);
      if (last.toString() !== "\n") write(file, Buffer.from("\n"));
    }
    return new Recorder(file, clock);
  }

  /** A client, by a number that nobody else has who writes to the same file. */
  process(client, { node } = {}) {
    if (!Number.isInteger(client) || client < 0 || client >= CLIENTS) {
      throw new RangeError(`clients are numbered from 0 and below ${CLIENTS}, and this is ${client}`);
    }
    return new Process(this, client, node);
  }

  /** Something that is done to the system until `stop`. */
  fault(name, nodes) {
    return new Fault(this, name, nodes);
  }

  /** Ends the recording, and throws the first error of writing, if there was one. */
  finish() {
    if (this.#file !== undefined) fs.closeSync(this.#file);
    this.#file = undefined;
    if (this.#error) throw this.#error;
  }

  /** For operations: a process number of a client that has nothing open. */
  occupy(client) {
    const known = this.#clients.get(client) ?? { idle: [], lives: 0 };
    this.#clients.set(client, known);
    return known.idle.pop() ?? client + CLIENTS * known.lives++;
  }

  /** For operations: gives a number back whose operation has an outcome. */
  release(client, process) {
    this.#clients.get(client).idle.push(process);
  }

  /** For operations: writes an event with the time that it is now. */
  record(fields) {
    if (this.#file === undefined || this.#error) return;
    const now = BigInt(this.#clock());
    if (now > this.#latest) this.#latest = now;
    const line = encode({ ...fields, time: this.#latest });
    try {
      write(this.#file, line);
    } catch (error) {
      this.#error = error;
    }
  }
}

/** A client, which does one thing at a time. */
class Process {
  #recorder;
  #client;
  #node;

  constructor(recorder, client, node) {
    this.#recorder = recorder;
    this.#client = client;
    this.#node = node;
  }

  /** Records that an operation begins. Call this before the request is sent, and tell the outcome whatever happens. */
  invoke(f, { key, value, node = this.#node } = {}) {
    encode({ f, key, value, node }); // What cannot be written must not begin.
    const process = this.#recorder.occupy(this.#client);
    this.#recorder.record({ process, type: "invoke", f, key, value, node });
    return new Operation(this.#recorder, this.#client, process, { f, key });
  }

  /** The same around what an async function does: if it ends without an outcome, that is unknown. */
  async run(f, about, body) {
    const operation = this.invoke(f, about);
    try {
      const answer = await body(operation);
      operation.close("no outcome was told");
      return answer;
    } catch (error) {
      operation.close(error);
      throw error;
    }
  }
}

/** An operation that has begun, until its outcome is told. */
class Operation {
  #recorder;
  #client;
  #about;
  #isOver = false;

  constructor(recorder, client, process, about) {
    this.#recorder = recorder;
    this.#client = client;
    this.#about = about;
    this.process = process;
  }

  /** It happened. `value` is the answer, also `null`; what has no answer, as a write, needs none. */
  ok(value, { result, node } = {}) {
    this.#end("ok", { value, result, node });
  }

  /** It certainly did not happen and never will. A timeout is not that: see `info`. */
  fail(error) {
    this.#end("fail", { error: words(error) });
  }

  /** Nobody knows whether it happened or will. */
  info(error) {
    this.#end("info", { error: words(error) });
  }

  /** The same if nothing was told before. */
  close(error) {
    if (!this.#isOver) this.info(error);
  }

  #end(type, fields) {
    if (this.#isOver) throw new Error("the outcome of this operation was told before");
    try {
      encode(fields);
    } catch (error) {
      this.info(error);
      throw error;
    }
    this.#isOver = true;
    this.#recorder.record({ process: this.process, type, ...this.#about, ...fields });
    if (type !== "info") this.#recorder.release(this.#client, this.process);
  }
}

/** Something that is being done to the system. */
class Fault {
  #say;
  #isOver = false;

  constructor(recorder, name, nodes) {
    this.#say = (word) =>
      recorder.record({ process: "nemesis", type: "info", f: `${word}-${name}`, value: nodes && [...nodes] });
    this.#say("start");
  }

  /** Records that it ends. */
  stop() {
    if (!this.#isOver) this.#say("stop");
    this.#isOver = true;
  }
}

/** The time of day at the beginning, going on by the monotonic clock: it never goes back. */
function machineClock() {
  const day = BigInt(Date.now()) * 1_000_000n;
  const began = process.hrtime.bigint();
  return () => day + process.hrtime.bigint() - began;
}

let count = 0;

/** Makes a file that has its head from the first moment on, for others may be about to do the same. */
function begin(path, line) {
  if (fs.existsSync(path)) return;
  const aside = `${path}.${process.pid}-${threadId}-${count++}.head`;
  fs.writeFileSync(aside, line);
  try {
    fs.linkSync(aside, path);
  } catch {
    // Somebody else made it, or there are no links here: then it is opened as any other.
  } finally {
    fs.unlinkSync(aside);
  }
}

function write(file, line) {
  let at = 0;
  while (at < line.length) at += fs.writeSync(file, line, at);
}

function words(error) {
  // Whatever went wrong, telling it must not.
  return Buffer.from(String(error)).toString();
}

/** A line: fields that are undefined are left out. */
function encode(fields) {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Buffer.from(`${json(Object.fromEntries(known))}\n`);
}

function json(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`JSON cannot say ${value}`);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new RangeError(`${value} may have lost digits: record integers beyond 2^53 as BigInts`);
    }
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (/[\uD800-\uDFFF]/u.test(value)) throw new TypeError(`${JSON.stringify(value)} is no Unicode`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, json).join(",")}]`;
  if (typeof value === "object") {
    if (typeof value.toJSON === "function") return json(value.toJSON());
    const kind = Object.getPrototypeOf(value);
    if (kind === Object.prototype || kind === null) {
      return `{${Object.entries(value).map(([name, inner]) => `${json(name)}:${json(inner)}`).join(",")}}`;
    }
    throw new TypeError(`a ${value.constructor?.name ?? "value"} is no JSON: record an array or a plain object`);
  }
  throw new TypeError(`JSON cannot say a ${typeof value}`);
}
