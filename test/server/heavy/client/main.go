// A client that calls webhooks as the API server does: Go's net/http, HTTP/1.1 with keep-alive, no second try for a POST.
// It stops at the end of its time, after -count requests, or when standard input ends, and prints one line of JSON.
// A line "to ADDRESS" on standard input sends new connections there from then on, as a Service does.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type report struct {
	OK      int            `json:"ok"`
	Failed  int            `json:"failed"`
	Errors  map[string]int `json:"errors"`
	Seconds float64        `json:"seconds"`
	P50     float64        `json:"p50Ms"`
	P99     float64        `json:"p99Ms"`
	Max     float64        `json:"maxMs"`
}

func main() {
	address := flag.String("address", "", "host:port of the first server, or several with commas in turn")
	ca := flag.String("ca", "", "file of the CA")
	bodyFile := flag.String("body", "", "file of the review")
	connections := flag.Int("connections", 16, "requests at a time")
	seconds := flag.Float64("seconds", 3600, "how long")
	count := flag.Int64("count", 1<<62, "how many")
	pause := flag.Duration("pause", 0, "between two requests of a connection")
	fresh := flag.Bool("fresh", false, "a new connection for each request")
	flag.Parse()

	pem, err := os.ReadFile(*ca)
	check(err)
	body, err := os.ReadFile(*bodyFile)
	check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)

	var target atomic.Value
	target.Store(strings.Split(*address, ","))
	var turn atomic.Uint64
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, ServerName: "localhost", NextProtos: []string{"http/1.1"}},
		MaxIdleConnsPerHost: *connections,
		IdleConnTimeout:     90 * time.Second,
		DisableKeepAlives:   *fresh,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			addresses := target.Load().([]string)
			return dialer.DialContext(ctx, network, addresses[int(turn.Add(1))%len(addresses)])
		},
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}

	stop := make(chan struct{})
	go func() {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			if to, found := strings.CutPrefix(lines.Text(), "to "); found {
				target.Store(strings.Split(to, ","))
			}
		}
		close(stop)
	}()

	result := report{Errors: map[string]int{}}
	var latencies []float64
	var mutex sync.Mutex
	var group sync.WaitGroup
	left := atomic.Int64{}
	left.Store(*count)
	start := time.Now()
	end := start.Add(time.Duration(*seconds * float64(time.Second)))
	for i := 0; i < *connections; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			var own []float64
			failures := map[string]int{}
			for time.Now().Before(end) && left.Add(-1) >= 0 {
				select {
				case <-stop:
					end = time.Time{}
				default:
					began := time.Now()
					if failure := post(client, body); failure != "" {
						failures[failure]++
					} else {
						own = append(own, float64(time.Since(began).Microseconds())/1000)
					}
					time.Sleep(*pause)
				}
				if end.IsZero() {
					break
				}
			}
			mutex.Lock()
			defer mutex.Unlock()
			latencies = append(latencies, own...)
			for failure, times := range failures {
				result.Errors[failure] += times
				result.Failed += times
			}
		}()
	}
	group.Wait()
	sort.Float64s(latencies)
	result.OK = len(latencies)
	result.Seconds = time.Since(start).Seconds()
	if result.OK > 0 {
		result.P50 = latencies[result.OK/2]
		result.P99 = latencies[result.OK*99/100]
		result.Max = latencies[result.OK-1]
	}
	check(json.NewEncoder(os.Stdout).Encode(result))
}

// post returns why a request failed, or nothing.
func post(client *http.Client, body []byte) string {
	response, err := client.Post("https://localhost/mutate?timeout=10s", "application/json", bytes.NewReader(body))
	if err != nil {
		return shorten(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return shorten(err)
	}
	if response.StatusCode != 200 || !bytes.Contains(answer, []byte(`"allowed":true`)) {
		return fmt.Sprintf("status %d", response.StatusCode)
	}
	return ""
}

// shorten cuts addresses away, so that equal failures are counted together.
func shorten(err error) string {
	parts := strings.Split(err.Error(), ": ")
	return parts[len(parts)-1]
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
