"""A recording of a million operations: registers by key, five nodes, partitions, and a node that answers late in one of them.

Operations take effect at their calls, so that there is an order, but for the reads that a node answers from the past."""

import heapq
import random

CLIENTS = 20
KEYS = 1000
NODES = 5
# Between two calls, in nanoseconds.
STEP = 100_000
# So many times a partition begins; it lasts half of the time until the next.
PARTITIONS = 5


def write(path, operations, seed=1):
    """Writes it as JSON Lines."""
    of = random.Random(seed)
    phase = operations // PARTITIONS
    begin, end_of = phase // 4, phase * 3 // 4
    value = [0] * KEYS
    before = [0] * KEYS
    process = list(range(CLIENTS))
    due = []
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"seriatim":1,"model":"register","init":0}\n')
        for at in range(operations):
            now = at * STEP
            while due and due[0][0] <= now:
                out.write(heapq.heappop(due)[2])
            if at % phase in (begin, end_of):
                kind = "start" if at % phase == begin else "stop"
                out.write(f'{{"process":"nemesis","type":"info","f":"{kind}-partition","value":["n2"],"time":{now}}}\n')
            client = at % CLIENTS
            node = 1 + client % NODES
            key = of.randrange(KEYS)
            is_apart = node == 2 and begin < at % phase < end_of
            end = now + of.randrange(STEP // 2, STEP * (CLIENTS - 2))
            who = f'"process":{process[client]},"node":"n{node}"'
            if of.random() < 0.5:
                written = at + 1
                out.write(f'{{{who},"type":"invoke","f":"write","key":{key},"value":{written},"time":{now}}}\n')
                luck = of.random() if is_apart else 1.0
                if luck < 0.02:
                    kind = "info"
                    process[client] += CLIENTS
                elif luck < 0.1:
                    kind = "fail"
                else:
                    kind = "ok"
                if kind == "ok":
                    before[key], value[key] = value[key], written
                line = f'{{{who},"type":"{kind}","f":"write","key":{key},"value":{written},"time":{end}}}\n'
            else:
                out.write(f'{{{who},"type":"invoke","f":"read","key":{key},"value":null,"time":{now}}}\n')
                read = before[key] if is_apart and of.random() < 0.003 else value[key]
                line = f'{{{who},"type":"ok","f":"read","key":{key},"value":{read},"time":{end}}}\n'
            heapq.heappush(due, (end, at, line))
        while due:
            out.write(heapq.heappop(due)[2])
