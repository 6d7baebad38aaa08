/** Drives a register in memory and records it: `register.mjs correct|stale|values|append|endless FILE [FIRST]`. */

import fs from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { Recorder } from "./recorder.mjs";

const CLIENTS = 4;
const ROUNDS = 50;

/** A register that takes a while to answer. */
class Register {
  #value = 0;

  async read() {
    await turn();
    const value = this.#value;
    await turn();
    return value;
  }

  async write(value) {
    await turn();
    this.#value = value;
    await turn();
  }
}

const read = (process, key, answer) => process.run("read", { key }, async (op) => op.ok(await answer()));

const write = (process, key, value, register) =>
  process.run("write", { key, value }, async (op) => {
    await register.write(value);
    op.ok();
  });

async function client(recorder, register, number, rounds) {
  const process = recorder.process(number, { node: "n1" });
  for (let at = 0; at < rounds; at++) {
    const value = 1 + number * 1_000_000 + at;
    if (Math.random() < 0.5) {
      await read(process, "x", () => register.read());
    } else if (at % 10 === 9) {
      const lost = process.run("write", { key: "x", value }, async () => {
        await register.write(value);
        throw new Error("timed out");
      });
      await lost.catch(() => {});
    } else {
      await write(process, "x", value, register);
    }
  }
}

/** Correct; or with one more client that answers from a cache which nobody refreshes. */
async function tasks(path, isStale) {
  const recorder = Recorder.create(path, { model: "register", init: 0 });
  const register = new Register();
  const cached = await register.read();
  const cache = recorder.process(CLIENTS, { node: "n2" });
  if (isStale) await read(cache, "x", async () => cached);
  const fault = recorder.fault("partition", ["n2"]);
  const numbers = Array.from({ length: CLIENTS }, (_, number) => number);
  await Promise.all(numbers.map((number) => client(recorder, register, number, ROUNDS)));
  await write(recorder.process(0), "x", -1, register);
  await read(recorder.process(1), "x", () => register.read());
  if (isStale) await read(cache, "x", async () => cached);
  fault.stop();
  recorder.finish();
}

/** Each value is written to a key of its own and read again. */
async function values(path) {
  const nested = { a: [1, { b: null }, []], "": {}, 'q"\\\n': [true, false], ключ: "é" };
  const all = [
    "quote \" backslash \\ slash / apostrophe '",
    "newline \n return \r tab \t null \0 escape \x1b unit \x1f delete \x7f",
    "é 中 😀 \u2028 \u2029 \ufeff",
    "",
    "null",
    2n ** 53n + 1n,
    -(2n ** 63n),
    2n ** 63n - 1n,
    2n ** 64n - 1n,
    0.1,
    -2.5e-7,
    null,
    true,
    [],
    nested,
  ];
  const recorder = Recorder.create(path, { model: "register" });
  const process = recorder.process(0);
  for (const [at, value] of all.entries()) {
    const key = [at, 'k "\n\u2028😀'];
    process.invoke("write", { key, value }).ok();
    process.invoke("read", { key }).ok(value);
  }
  recorder.finish();
}

/** One of several processes that write to one file, each to a register of its own. It begins, and waits for a line. */
async function append(path, first) {
  const recorder = Recorder.append(path, { model: "register", init: 0 });
  const register = new Register();
  const process = recorder.process(first);
  for (let at = 1; at <= 300; at++) {
    await write(process, first, at, register);
    await read(process, first, () => register.read());
    if (at === 1) fs.readSync(0, Buffer.alloc(1));
  }
  recorder.finish();
}

/** Until it is killed. */
async function endless(path) {
  const recorder = Recorder.create(path, { model: "register", init: 0 });
  const register = new Register();
  await Promise.all([0, 1, 2, 3].map((number) => client(recorder, register, number, Infinity)));
}

const [what, path, first] = process.argv.slice(2);
const runs = {
  correct: () => tasks(path, false),
  stale: () => tasks(path, true),
  values: () => values(path),
  append: () => append(path, Number(first)),
  endless: () => endless(path),
};
if (!runs[what]) throw new Error(`no such run: ${what}`);
await runs[what]();
