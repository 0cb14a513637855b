// Opens UDP tunnels through a relay with the client of masque-go, and checks what comes back:
// every datagram of an echo server, and the answers of a DNS server to Go's own resolver.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/quic-go/masque-go"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/yosida95/uritemplate/v3"
)

const (
	timeout = 20 * time.Second
	// The largest datagram that fits through tunnels on packets of 1350 bytes.
	largest = 1200
)

func main() {
	relay := flag.String("relay", "", "the relay, host:port")
	authorities := flag.String("cacert", "", "PEM file of the authorities that sign the relay's certificate")
	echo := flag.String("echo", "", "UDP echo server, host:port")
	dns := flag.String("dns", "", "DNS server, host:port")
	name := flag.String("name", "", "a name that the DNS server has an address and a text for")
	flag.Parse()

	if err := run(*relay, *authorities, *echo, *dns, *name); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(relay, authorities, echo, dns, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()

	template, err := uritemplate.New("https://" + relay + "/.well-known/masque/udp/{target_host}/{target_port}/")
	if err != nil {
		return err
	}
	client, err := connect(ctx, relay, authorities)
	if err != nil {
		return err
	}
	open := func(target string) (*masque.Conn, error) { // all tunnels share one connection
		request, err := masque.NewRequest(ctx, template, target)
		if err != nil {
			return nil, err
		}
		tunnel, response, err := client.Dial(request)
		if err != nil {
			return nil, fmt.Errorf("no tunnel to %s: %w", target, err)
		}
		fmt.Println("tunnel:", response.StatusCode, response.Header)
		return tunnel, nil
	}
	if echo != "" {
		if err := checkEcho(open, echo); err != nil {
			return fmt.Errorf("echo: %w", err)
		}
	}
	if dns != "" {
		if err := checkDNS(ctx, open, dns, name); err != nil {
			return fmt.Errorf("DNS: %w", err)
		}
	}
	return nil
}

func connect(ctx context.Context, relay, authorities string) (*masque.ClientConn, error) {
	pem, err := os.ReadFile(authorities)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", authorities)
	}
	trust := &tls.Config{RootCAs: pool, NextProtos: []string{http3.NextProtoH3}}
	datagrams := &quic.Config{EnableDatagrams: true, InitialPacketSize: 1350}
	connection, err := quic.DialAddr(ctx, relay, trust, datagrams)
	if err != nil {
		return nil, fmt.Errorf("no connection to the relay: %w", err)
	}
	return (&masque.Transport{}).NewClientConn(connection)
}

// One datagram after the other, of every kind of length, an empty one too.
func checkEcho(open func(string) (*masque.Conn, error), target string) error {
	tunnel, err := open(target)
	if err != nil {
		return err
	}
	defer tunnel.Close()

	answer := make([]byte, 2*largest)
	for _, length := range []int{1, 0, 2, 63, 64, 512, largest - 1, largest} {
		sent := bytes.Repeat([]byte{byte(length)}, length)
		if _, err := tunnel.WriteTo(sent, nil); err != nil {
			return fmt.Errorf("%d bytes were not sent: %w", length, err)
		}
		if err := tunnel.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			return err
		}
		n, _, err := tunnel.ReadFrom(answer)
		if err != nil {
			return fmt.Errorf("no answer to %d bytes: %w", length, err)
		}
		if !bytes.Equal(answer[:n], sent) {
			return fmt.Errorf("%d bytes came back as other %d bytes", length, n)
		}
	}
	return nil
}

func checkDNS(ctx context.Context, open func(string) (*masque.Conn, error), server, name string) error {
	resolver := &net.Resolver{
		PreferGo:     true,
		StrictErrors: true,
		Dial: func(_ context.Context, network, _ string) (net.Conn, error) {
			if network != "udp" {
				return nil, errors.New("the resolver asks for " + network)
			}
			tunnel, err := open(server)
			if err != nil {
				return nil, err
			}
			return &peer{tunnel}, nil
		},
	}
	addresses, err := resolver.LookupHost(ctx, name+".")
	if err != nil {
		return err
	}
	if len(addresses) != 1 || addresses[0] != "127.0.0.1" {
		return fmt.Errorf("%s has the addresses %v", name, addresses)
	}
	texts, err := resolver.LookupTXT(ctx, name+".")
	if err != nil {
		return err
	}
	if len(texts) != 1 || texts[0] != "hello through a relay" {
		return fmt.Errorf("%s has the texts %q", name, texts)
	}
	return nil
}

// A tunnel as the connected socket that Go's resolver wants.
type peer struct{ *masque.Conn }

func (p *peer) Read(b []byte) (int, error) {
	n, _, err := p.ReadFrom(b)
	return n, err
}

func (p *peer) Write(b []byte) (int, error) { return p.WriteTo(b, nil) }
