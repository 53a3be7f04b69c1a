// Package meter reads electricity meters over a serial line.
package meter

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ErrChecksum is returned for a frame that was damaged on its way.
var ErrChecksum = errors.New("meter: wrong checksum")

var units = map[string]string{
	"1.8.0":  "kWh",
	"2.8.0":  "kWh",
	"16.7.0": "W",
}

// Reading is one value of a meter.
type Reading struct {
	Code  string    `json:"code"`
	Value float64   `json:"value"`
	Unit  string    `json:"unit,omitempty"`
	At    time.Time `json:"at"`
}

// Meter keeps the last reading for each code.
type Meter struct {
	mu     sync.RWMutex
	last   map[string]Reading
	logger *slog.Logger
	clock  func() time.Time
}

// New returns a meter that has read nothing yet.
func New(logger *slog.Logger) *Meter {
	return &Meter{
		last:   make(map[string]Reading, len(units)),
		logger: logger.With("component", "meter"),
		clock:  time.Now,
	}
}

// Run reads lines until the context is cancelled or the line is closed.
func (m *Meter) Run(ctx context.Context, line io.Reader) error {
	scanner := bufio.NewScanner(line)
	for scanner.Scan() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		reading, err := m.parse(scanner.Text())
		if errors.Is(err, ErrChecksum) {
			m.logger.Warn("skipped a frame", "error", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("parse %q: %w", scanner.Text(), err)
		}
		m.store(reading)
	}
	return scanner.Err()
}

func (m *Meter) parse(frame string) (Reading, error) {
	body, sum, found := strings.Cut(frame, "*")
	if !found || checksum(body) != sum {
		return Reading{}, ErrChecksum
	}
	code, text, _ := strings.Cut(body, "(")
	value, err := strconv.ParseFloat(strings.TrimSuffix(text, ")"), 64)
	if err != nil {
		return Reading{}, err
	}
	return Reading{Code: code, Value: value, Unit: units[code], At: m.clock()}, nil
}

func (m *Meter) store(reading Reading) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last[reading.Code] = reading
}

// Last returns the last reading for a code and whether there is one.
func (m *Meter) Last(code string) (Reading, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	reading, ok := m.last[code]
	return reading, ok
}

func checksum(body string) string {
	var sum byte
	for i := 0; i < len(body); i++ {
		sum ^= body[i]
	}
	return fmt.Sprintf("%02X", sum)
}
