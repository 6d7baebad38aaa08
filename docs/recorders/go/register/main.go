// Drives a register in memory and records it: `register correct|stale|values|append|endless FILE [FIRST]`.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strconv"
	"sync"

	"recorder"
)

const clients, rounds = 4, 50

type register struct {
	mutex sync.Mutex
	value int
}

func (r *register) read() int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.value
}

func (r *register) write(value int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.value = value
}

func write(process *recorder.Process, key any, value int, to *register) *recorder.Operation {
	op := process.Invoke("write", recorder.Fields{"key": key, "value": value})
	to.write(value)
	return op
}

func read(process *recorder.Process, key any, answer func() int) {
	op := process.Invoke("read", recorder.Fields{"key": key})
	defer op.Close()
	op.OK(answer())
}

func client(r *recorder.Recorder, object *register, number, rounds int) {
	process := r.Process(number).Node("n1")
	random := rand.New(rand.NewSource(int64(number)))
	for at := 0; at < rounds; at++ {
		if random.Intn(2) == 0 {
			read(process, "x", object.read)
			continue
		}
		op := write(process, "x", 1+number*1_000_000+at, object)
		if at%10 == 9 {
			op.Info(errors.New("timed out"))
		} else {
			op.Done()
		}
	}
}

// Correct; or with one more client that answers from a cache which nobody refreshes.
func goroutines(r *recorder.Recorder, isStale bool) {
	object := &register{}
	cached := object.read()
	cache := r.Process(clients).Node("n2")
	if isStale {
		read(cache, "x", func() int { return cached })
	}
	fault := r.Fault("partition", "n2")
	var all sync.WaitGroup
	for number := 0; number < clients; number++ {
		all.Add(1)
		go func(number int) {
			defer all.Done()
			client(r, object, number, rounds)
		}(number)
	}
	all.Wait()
	write(r.Process(0), "x", -1, object).Done()
	read(r.Process(1), "x", object.read)
	if isStale {
		read(cache, "x", func() int { return cached })
	}
	fault.Stop()
}

// Each value is written to a key of its own and read again.
func values(r *recorder.Recorder) {
	nested := map[string]any{
		"a": []any{1, map[string]any{"b": nil}, []any{}}, "": map[string]any{}, "q\"\\\n": []bool{true, false}, "ключ": "é",
	}
	all := []any{
		"quote \" backslash \\ slash / apostrophe '",
		"newline \n return \r tab \t null \x00 escape \x1b unit \x1f delete \x7f",
		"é 中 😀 \u2028 \u2029 \ufeff",
		"",
		"null",
		int64(1)<<53 + 1,
		int64(math.MinInt64),
		int64(math.MaxInt64),
		uint64(math.MaxUint64),
		0.1,
		-2.5e-7,
		nil,
		true,
		[]any{},
		nested,
	}
	process := r.Process(0)
	for at, value := range all {
		key := []any{at, "k \"\n\u2028😀"}
		process.Invoke("write", recorder.Fields{"key": key, "value": value}).Done()
		process.Invoke("read", recorder.Fields{"key": key}).OK(value)
	}
}

// One of several processes that write to one file, each to a register of its own. It begins, and waits for a line.
func several(r *recorder.Recorder, first int) {
	object := &register{}
	process := r.Process(first)
	for at := 1; at <= 300; at++ {
		write(process, first, at, object).Done()
		read(process, first, object.read)
		if at == 1 {
			bufio.NewReader(os.Stdin).ReadString('\n')
		}
	}
}

func run(what, path string) error {
	head := recorder.Fields{"model": "register", "init": 0}
	begin := recorder.Create
	switch what {
	case "append":
		begin = recorder.Append
	case "values":
		delete(head, "init")
	}
	r, err := begin(path, recorder.Options{Head: head})
	if err != nil {
		return err
	}
	switch what {
	case "correct", "stale":
		goroutines(r, what == "stale")
	case "values":
		values(r)
	case "append":
		first, err := strconv.Atoi(os.Args[3])
		if err != nil {
			return err
		}
		several(r, first)
	case "endless":
		object := &register{}
		for number := 1; number < clients; number++ {
			go client(r, object, number, math.MaxInt)
		}
		client(r, object, 0, math.MaxInt)
	default:
		return fmt.Errorf("no such run: %s", what)
	}
	return r.Finish()
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
