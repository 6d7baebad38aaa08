"""Drives a register in memory and records it: `register.py correct|stale|tasks|values|append|endless FILE [FIRST]`."""

import asyncio
import random
import sys
import threading
import time

from recorder import Recorder

CLIENTS, ROUNDS = 4, 50


class Register:
    def __init__(self):
        self.lock, self.value = threading.Lock(), 0

    def read(self):
        with self.lock:
            return self.value

    def write(self, value):
        with self.lock:
            self.value = value


def client(recorder, register, number, rounds=ROUNDS):
    process = recorder.process(number, node="n1")
    for at in range(rounds):
        if random.random() < 0.5:
            value = 1 + number * 1_000_000 + at
            with process.invoke("write", key="x", value=value) as op:
                register.write(value)
                if at % 10 == 9:
                    op.info("timed out")
                else:
                    op.ok()
        else:
            with process.invoke("read", key="x") as op:
                op.ok(register.read())


def look(process, answer):
    with process.invoke("read", key="x") as op:
        op.ok(answer())


def threads(path, is_stale):
    """Correct; or with one more client that answers from a cache which nobody refreshes."""
    register = Register()
    with Recorder.create(path, model="register", init=0) as recorder:
        cached = register.read()
        cache = recorder.process(CLIENTS, node="n2")
        if is_stale:
            look(cache, lambda: cached)
        with recorder.fault("partition", ["n2"]):
            workers = [threading.Thread(target=client, args=(recorder, register, n)) for n in range(CLIENTS)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            with recorder.process(0).invoke("write", key="x", value=-1) as op:
                register.write(-1)
                op.ok()
            look(recorder.process(1), register.read)
            if is_stale:
                look(cache, lambda: cached)


def tasks(path):
    """The same with asyncio, where a task is cancelled in the middle of a write."""
    register = Register()

    async def write(process, value):
        with process.invoke("write", key="x", value=value) as op:
            register.write(value)
            await asyncio.sleep(0.001)
            op.ok()

    async def worker(recorder, number):
        process = recorder.process(number)
        for at in range(10):
            await write(process, 1 + number * 1000 + at)
            with process.invoke("read", key="x") as op:
                await asyncio.sleep(0)
                op.ok(register.read())

    async def main():
        with Recorder.create(path, model="register", init=0) as recorder:
            begun = asyncio.ensure_future(write(recorder.process(9), 17))
            await asyncio.sleep(0)
            begun.cancel()
            await asyncio.gather(begun, *(worker(recorder, n) for n in range(CLIENTS)), return_exceptions=True)

    asyncio.run(main())


def values(path):
    """Each value is written to a key of its own and read again."""
    nested = {"a": [1, {"b": None}, []], "": {}, 'q"\\\n': [True, False], "ключ": "é"}
    all_values = [
        'quote " backslash \\ slash / apostrophe \'',
        "newline \n return \r tab \t null \0 escape \x1b unit \x1f delete \x7f",
        "é 中 😀 \u2028 \u2029 \ufeff",
        "",
        "null",
        2**53 + 1,
        -(2**63),
        2**63 - 1,
        2**64 - 1,
        0.1,
        -2.5e-7,
        None,
        True,
        [],
        nested,
    ]
    with Recorder.create(path, model="register") as recorder:
        process = recorder.process(0)
        for at, value in enumerate(all_values):
            key = [at, 'k "\n\u2028😀']
            with process.invoke("write", key=key, value=value) as op:
                op.ok()
            with process.invoke("read", key=key) as op:
                op.ok(value)


def append(path, first):
    """One of several processes that write to one file, each to a register of its own. It begins, and waits for a line."""
    register = Register()
    with Recorder.append(path, model="register", init=0) as recorder:
        process = recorder.process(first)
        for at in range(300):
            with process.invoke("write", key=first, value=at + 1) as op:
                register.write(at + 1)
                op.ok()
            with process.invoke("read", key=first) as op:
                op.ok(register.read())
            if at == 0:
                sys.stdin.readline()


def endless(path):
    """Until it is killed."""
    register = Register()
    recorder = Recorder.create(path, model="register", init=0)
    for number in range(CLIENTS):
        threading.Thread(target=client, args=(recorder, register, number, 10**9), daemon=True).start()
    while True:
        time.sleep(1)


if __name__ == "__main__":
    what, path = sys.argv[1:3]
    if what in ("correct", "stale"):
        threads(path, what == "stale")
    elif what == "tasks":
        tasks(path)
    elif what == "values":
        values(path)
    elif what == "append":
        append(path, int(sys.argv[3]))
    elif what == "endless":
        endless(path)
    else:
        sys.exit(f"no such run: {what}")
