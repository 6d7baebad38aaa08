// Package recorder records what clients did, as a history that `seriatim check` reads. Copy this file; it needs nothing
// but the standard library.
//
//	r, err := recorder.Create("history.jsonl", recorder.Options{Head: recorder.Fields{"model": "register"}})
//	op := r.Process(3).Node("n1").Invoke("write", recorder.Fields{"key": "x", "value": 17})
//	defer op.Close() // unknown, unless one of these was called before
//	op.Done()        // it happened; op.OK(value) with an answer, op.Fail(err), op.Info(err)
//	fault := r.Fault("partition", "n2")
//	fault.Stop()
//	err = r.Finish() // the first error, if there was one
//
// Goroutines may share a recorder. Each event is one write to a file in append mode. Whose operation has no outcome goes on
// under a new process number. After an error, of writing or of a value that JSON cannot say, nothing more is recorded: what
// is there is the history up to then.
package recorder

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// Clients are numbered from 0 and below this; it is also what separates the process numbers of one client.
const Clients = 1_000_000

// Fields are fields of a record, such as key, value and node, or of the head, such as model and init.
type Fields map[string]any

// Options say how a recording begins.
type Options struct {
	// Head has the fields of the head: model, init and others.
	Head Fields
	// Clock tells nanoseconds since some fixed moment. Without one it is the machine's.
	Clock func() int64
}

// Recorder is a recording.
type Recorder struct {
	mutex   sync.Mutex
	file    *os.File
	clock   func() int64
	latest  int64
	clients map[int]*client
	err     error
}

type client struct {
	idle  []int
	lives int
}

// Create begins a file anew; what was there before is gone.
func Create(path string, options Options) (*Recorder, error) {
	head, err := encode("seriatim", 1, nil, options.Head)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, head, 0o666); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	return begun(file, options), nil
}

// Append goes on with a file, or begins it. Several processes may do so at once, each with clients of its own.
func Append(path string, options Options) (*Recorder, error) {
	head, err := encode("seriatim", 1, nil, options.Head)
	if err != nil {
		return nil, err
	}
	if err := begin(path, head); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err == nil && about.Size() == 0 {
		_, err = file.Write(head)
	} else if err == nil {
		// A recorder that was killed may have left half a line. What follows must not be taken for the rest of it.
		last := make([]byte, 1)
		if _, err = file.ReadAt(last, about.Size()-1); err == nil && last[0] != '\n' {
			_, err = file.Write([]byte("\n"))
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return begun(file, options), nil
}

func begun(file *os.File, options Options) *Recorder {
	clock := options.Clock
	if clock == nil {
		// The time of day at the beginning, going on by the monotonic clock: it never goes back.
		began := time.Now()
		clock = func() int64 { return began.UnixNano() + int64(time.Since(began)) }
	}
	return &Recorder{file: file, clock: clock, clients: map[int]*client{}}
}

var count atomic.Int64

// begin makes a file that has its head from the first moment on, for others may be about to do the same.
func begin(path string, head []byte) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	aside := fmt.Sprintf("%s.%d-%d.head", path, os.Getpid(), count.Add(1))
	if err := os.WriteFile(aside, head, 0o666); err != nil {
		return err
	}
	// Where somebody else made it, or there are no links, the file is opened as any other.
	_ = os.Link(aside, path)
	return os.Remove(aside)
}

// Process is a client, by a number that nobody else has who writes to the same file.
func (r *Recorder) Process(number int) *Process {
	if number < 0 || number >= Clients {
		panic(fmt.Sprintf("clients are numbered from 0 and below %d, and this is %d", Clients, number))
	}
	return &Process{recorder: r, client: number}
}

// Finish ends the recording and gives the first error, if there was one.
func (r *Recorder) Finish() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.file != nil {
		if err := r.file.Close(); r.err == nil {
			r.err = err
		}
		r.file = nil
	}
	return r.err
}

// record writes an event with the time that it is now. The mutex is held.
func (r *Recorder) record(process any, kind, function string, fields ...Fields) {
	if r.file == nil || r.err != nil {
		return
	}
	if now := r.clock(); now > r.latest {
		r.latest = now
	}
	all := Fields{"type": kind, "f": function}
	for _, some := range fields {
		for name, value := range some {
			all[name] = value
		}
	}
	line, err := encode("process", process, &r.latest, all)
	if err == nil {
		_, err = r.file.Write(line)
	}
	r.err = err
}

// Process is a client, which does one thing at a time.
type Process struct {
	recorder *Recorder
	client   int
	node     string
}

// Node is the same client, with the node that it talks to, for reports.
func (p *Process) Node(node string) *Process {
	return &Process{p.recorder, p.client, node}
}

// Invoke records that an operation begins, with its key, value and node where it has them. Call this before the request is
// sent.
func (p *Process) Invoke(function string, fields Fields) *Operation {
	r := p.recorder
	r.mutex.Lock()
	defer r.mutex.Unlock()
	known := r.clients[p.client]
	if known == nil {
		known = &client{}
		r.clients[p.client] = known
	}
	var number int
	if last := len(known.idle) - 1; last >= 0 {
		number, known.idle = known.idle[last], known.idle[:last]
	} else {
		number = p.client + known.lives*Clients
		known.lives++
	}
	key := Fields{}
	if value, ok := fields["key"]; ok {
		key["key"] = value
	}
	node := Fields{}
	if p.node != "" {
		node["node"] = p.node
	}
	r.record(number, "invoke", function, node, fields)
	return &Operation{r, known, number, function, key, false}
}

// Operation is one that has begun, until its outcome is told.
type Operation struct {
	recorder *Recorder
	client   *client
	process  int
	function string
	key      Fields
	isOver   bool
}

// OK says that it happened, and what it answered; nil is an answer, too.
func (o *Operation) OK(value any) { o.end("ok", Fields{"value": value}) }

// Done says that it happened, and that there is no answer, as of a write.
func (o *Operation) Done() { o.end("ok", Fields{}) }

// OKResult says that it happened, and answered something apart from the value, such as the place in a log.
func (o *Operation) OKResult(result any) { o.end("ok", Fields{"result": result}) }

// Fail says that it certainly did not happen and never will. A timeout is not that: see Info.
func (o *Operation) Fail(err error) { o.end("fail", Fields{"error": words(err)}) }

// Info says that nobody knows whether it happened or will.
func (o *Operation) Info(err error) { o.end("info", Fields{"error": words(err)}) }

// Close says the same if nothing was said before. Defer it, so that a panic or an early return is no answer.
func (o *Operation) Close() {
	o.end("info", Fields{"error": "no outcome was told"})
}

func (o *Operation) end(kind string, fields Fields) {
	r := o.recorder
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if o.isOver {
		return
	}
	o.isOver = true
	r.record(o.process, kind, o.function, o.key, fields)
	if kind != "info" {
		o.client.idle = append(o.client.idle, o.process)
	}
}

// Fault is something that is being done to the system.
type Fault struct {
	recorder *Recorder
	name     string
	fields   Fields
	once     sync.Once
}

// Fault records that something begins to be done to some nodes.
func (r *Recorder) Fault(name string, nodes ...string) *Fault {
	fields := Fields{}
	if len(nodes) > 0 {
		fields["value"] = nodes
	}
	fault := &Fault{recorder: r, name: name, fields: fields}
	fault.say("start")
	return fault
}

// Stop records that it ends.
func (f *Fault) Stop() { f.once.Do(func() { f.say("stop") }) }

func (f *Fault) say(word string) {
	f.recorder.mutex.Lock()
	defer f.recorder.mutex.Unlock()
	f.recorder.record("nemesis", "info", word+"-"+f.name, f.fields)
}

func words(err error) string {
	if err == nil {
		return "no outcome was told"
	}
	// Whatever went wrong, telling it must not.
	return string(bytes.ToValidUTF8([]byte(err.Error()), []byte("\uFFFD")))
}

// encode makes a line: a first field, the others, and the time.
func encode(name string, first any, at *int64, fields Fields) ([]byte, error) {
	var line bytes.Buffer
	line.WriteByte('{')
	field := func(name string, value any) error {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !isUnicode(reflect.ValueOf(value)) {
			return fmt.Errorf("%s: a text that is no UTF-8 cannot be recorded", name)
		}
		if line.Len() > 1 {
			line.WriteByte(',')
		}
		line.WriteString(`"` + name + `":`)
		line.Write(bytes.TrimRight(text.Bytes(), "\n"))
		return nil
	}
	problems := []error{field(name, first)}
	for _, known := range order {
		if value, ok := fields[known]; ok {
			problems = append(problems, field(known, value))
		}
	}
	for other, value := range fields {
		if !isKnown(other) {
			problems = append(problems, field(other, value))
		}
	}
	if at != nil {
		problems = append(problems, field("time", *at))
	}
	for _, problem := range problems {
		if problem != nil {
			return nil, problem
		}
	}
	line.WriteString("}\n")
	return line.Bytes(), nil
}

// The order in which a person reads fields; all others follow.
var order = []string{"type", "f", "key", "value", "result", "node", "error"}

func isKnown(name string) bool {
	for _, known := range order {
		if known == name {
			return true
		}
	}
	return false
}

// isUnicode looks at every text that JSON would hold: the encoder makes one and the same of all that is no UTF-8.
func isUnicode(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.String:
		return utf8.ValidString(value.String())
	case reflect.Interface, reflect.Pointer:
		return value.IsNil() || isUnicode(value.Elem())
	case reflect.Slice, reflect.Array:
		for at := 0; at < value.Len(); at++ {
			if !isUnicode(value.Index(at)) {
				return false
			}
		}
	case reflect.Map:
		for _, key := range value.MapKeys() {
			if !isUnicode(key) || !isUnicode(value.MapIndex(key)) {
				return false
			}
		}
	case reflect.Struct:
		for at := 0; at < value.NumField(); at++ {
			if !isUnicode(value.Field(at)) {
				return false
			}
		}
	}
	return true
}
