"""Records what clients did, as a history that `seriatim check` reads. Copy this file; it needs Python 3.8 and nothing else.

    with Recorder.create("history.jsonl", model="register") as recorder:
        client = recorder.process(3, node="n1")
        with client.invoke("write", key="x", value=17) as op:
            store.put("x", 17)
            op.ok()
        with recorder.fault("partition", ["n2"]):
            ...

Threads and asyncio tasks may share a recorder. Each event is one write to a file in append mode. An operation that ends
without an outcome (an exception, a cancelled task) is recorded as `info`: nobody knows whether it happened. Its client goes
on under a new process number by itself. An error of writing ends the recording, which is then the history up to there, and
is raised by `finish` and at the end of the `with` block.
"""

import json
import os
import threading
import time

# Clients are numbered below this; it is also what separates the process numbers of one client.
CLIENTS = 1_000_000

_NOTHING = object()


def _machine_clock():
    """The time of day at the beginning, going on by the monotonic clock: it never goes back."""
    day, began = time.time_ns(), time.monotonic_ns()
    return lambda: day + time.monotonic_ns() - began


def _encode(fields):
    """One line. A text that is no Unicode, NaN, infinity and keys that are no texts are errors: JSON has none of them."""
    _look(fields)
    return (json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode("utf-8")


def _look(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key of a JSON object is a text, and this is {key!r}")
            _look(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _look(inner)


class Recorder:
    """A recording. `create` and `append` make one."""

    def __init__(self, file, clock):
        self._file = file
        self._clock = clock or _machine_clock()
        self._latest = 0
        self._clients = {}
        self._error = None
        self._lock = threading.Lock()

    @classmethod
    def create(cls, path, *, model=None, init=_NOTHING, clock=None, **head):
        """Begins a file anew; what was there before is gone. `clock` gives nanoseconds; `head` are other fields of the head."""
        line = _head(model, init, head)
        with open(path, "wb") as file:
            file.write(line)
        return cls(os.open(path, os.O_WRONLY | os.O_APPEND), clock)

    @classmethod
    def append(cls, path, *, model=None, init=_NOTHING, clock=None, **head):
        """Goes on with a file, or begins it. Several processes may do so at once, each with clients of its own."""
        line = _head(model, init, head)
        _begin(path, line)
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        size = os.fstat(file).st_size
        if size == 0:
            _write(file, line)
        else:
            # A recorder that was killed may have left half a line. What follows must not be taken for the rest of it.
            os.lseek(file, -1, os.SEEK_END)
            if os.read(file, 1) != b"\n":
                _write(file, b"\n")
        return cls(file, clock)

    def process(self, client, node=None):
        """A client, by a number that nobody else has who writes to the same file."""
        if not 0 <= client < CLIENTS:
            raise ValueError(f"clients are numbered from 0 and below {CLIENTS}, and this is {client}")
        return Process(self, client, node)

    def fault(self, name, nodes=None):
        """Something that is done to the system until the `with` block ends, or until `stop`."""
        return Fault(self, name, nodes)

    def finish(self):
        """Ends the recording, and raises the first error of writing, if there was one."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None
            if self._error is not None:
                raise self._error

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.finish()

    def _occupy(self, client):
        """A process number of a client that has nothing open. The lock is held."""
        idle, lives = self._clients.setdefault(client, ([], [0]))
        if idle:
            return idle.pop()
        lives[0] += 1
        return client + (lives[0] - 1) * CLIENTS

    def _record(self, fields):
        """Writes an event with the time that it is now. The lock is held."""
        if self._file is None or self._error is not None:
            return
        self._latest = max(self._latest, self._clock())
        line = _encode({**fields, "time": self._latest})
        try:
            _write(self._file, line)
        except OSError as error:
            self._error = error


class Process:
    """A client, which does one thing at a time."""

    def __init__(self, recorder, client, node):
        self._recorder, self._client, self._node = recorder, client, node

    def invoke(self, function, *, key=_NOTHING, value=_NOTHING, node=None):
        """Records that an operation begins. Call this before the request is sent."""
        recorder = self._recorder
        about = {"f": function}
        if key is not _NOTHING:
            about["key"] = key
        asked = dict(about)
        if value is not _NOTHING:
            asked["value"] = value
        if node is not None or self._node is not None:
            asked["node"] = node if node is not None else self._node
        _encode(asked)  # What cannot be written must not begin.
        with recorder._lock:
            process = recorder._occupy(self._client)
            recorder._record({"process": process, "type": "invoke", **asked})
        return Operation(recorder, self._client, process, about)


class Operation:
    """An operation that has begun, until its outcome is told or its `with` block ends."""

    def __init__(self, recorder, client, process, about):
        self._recorder, self._client, self.process, self._about = recorder, client, process, about
        self._is_over = False

    def ok(self, value=_NOTHING, *, result=_NOTHING, node=None):
        """It happened. `value` is the answer, also `None`; what has no answer, as a write, needs none."""
        fields = {}
        if value is not _NOTHING:
            fields["value"] = value
        if result is not _NOTHING:
            fields["result"] = result
        if node is not None:
            fields["node"] = node
        self._end("ok", fields)

    def fail(self, error):
        """It certainly did not happen and never will. A timeout is not that: see `info`."""
        self._end("fail", {"error": _words(error)})

    def info(self, error):
        """Nobody knows whether it happened or will."""
        self._end("info", {"error": _words(error)})

    def _end(self, kind, fields):
        recorder = self._recorder
        try:
            _encode(fields)
        except (TypeError, ValueError) as error:
            if not self._is_over:
                self.info(error)
            raise
        with recorder._lock:
            if self._is_over:
                raise RuntimeError("the outcome of this operation was told before")
            self._is_over = True
            recorder._record({"process": self.process, "type": kind, **self._about, **fields})
            if kind != "info":
                recorder._clients[self._client][0].append(self.process)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if not self._is_over:
            self.info("no outcome was told" if error is None else error)


class Fault:
    """Something that is being done to the system."""

    def __init__(self, recorder, name, nodes):
        self._recorder, self._name, self._nodes = recorder, name, nodes
        self._is_over = False
        self._say("start")

    def stop(self):
        """Records that it ends."""
        if not self._is_over:
            self._is_over = True
            self._say("stop")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.stop()

    def _say(self, word):
        fields = {"process": "nemesis", "type": "info", "f": f"{word}-{self._name}"}
        if self._nodes is not None:
            fields["value"] = list(self._nodes)
        _encode(fields)
        with self._recorder._lock:
            self._recorder._record(fields)


def _head(model, init, others):
    fields = {"seriatim": 1}
    if model is not None:
        fields["model"] = model
    if init is not _NOTHING:
        fields["init"] = init
    return _encode({**fields, **others})


def _begin(path, line):
    """Makes a file that has its head from the first moment on, for others may be about to do the same."""
    if os.path.exists(path):
        return
    aside = f"{os.fspath(path)}.{os.getpid()}-{threading.get_ident()}.head"
    with open(aside, "wb") as file:
        file.write(line)
    try:
        os.link(aside, path)
    except OSError:
        pass  # Somebody else made it, or there are no links here: then it is opened as any other.
    finally:
        os.remove(aside)


def _write(file, line):
    while line:
        line = line[os.write(file, line):]


def _words(error):
    words = str(error)
    if isinstance(error, BaseException):
        words = f"{type(error).__name__}: {words}" if words else type(error).__name__
    # Whatever went wrong, telling it must not.
    return words.encode("utf-8", "backslashreplace").decode("utf-8")
