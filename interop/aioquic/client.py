"""Opens tunnels through a relay with aioquic's HTTP/3, and checks what comes back.

UDP: an extended CONNECT for connect-udp (RFC 9298), payload in QUIC datagrams (RFC 9297, section 2.1), or in
DATAGRAM capsules on the stream when this client announces no datagrams (section 3.5).
TCP: a classic CONNECT (RFC 9114, section 4.4), payload in DATA frames until both sides have ended.
"""

import argparse
import asyncio
import ssl
import sys
from urllib.parse import quote

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.buffer import Buffer, BufferReadError, encode_uint_var
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, DatagramReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated, StreamReset

TIMEOUT = 20
CAPSULE_DATAGRAM = 0
CAPSULE_UNKNOWN = 0x17 + 0x29 * 4  # RFC 9297, section 5.4: reserved, so that receivers have something to skip
CONTEXT_ID_UDP = b"\0"  # RFC 9298, section 4: the datagram's payload is a UDP payload


class Failure(Exception):
    """What a relay does wrong, in one sentence."""


class Tunnel:
    """One request stream: its answer, its bytes, its datagrams."""

    def __init__(self):
        self.head = asyncio.get_running_loop().create_future()
        self.data = asyncio.Queue()  # None: the relay has ended the stream
        self.datagrams = asyncio.Queue()


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # With WebTransport, aioquic announces SETTINGS_H3_DATAGRAM; there is no other way.
        datagrams = self._quic.configuration.max_datagram_frame_size is not None
        self.http = H3Connection(self._quic, enable_webtransport=datagrams)
        self.tunnels = {}

    def quic_event_received(self, event):
        if isinstance(event, StreamReset) and event.stream_id in self.tunnels:
            self.fail(self.tunnels[event.stream_id], f"stream reset with 0x{event.error_code:x}")
        if isinstance(event, ConnectionTerminated):
            for tunnel in self.tunnels.values():
                self.fail(tunnel, f"connection closed with 0x{event.error_code:x} {event.reason_phrase}")
        for http_event in self.http.handle_event(event):
            tunnel = self.tunnels.get(http_event.stream_id)
            if tunnel is None:
                continue
            if isinstance(http_event, HeadersReceived) and not tunnel.head.done():
                tunnel.head.set_result(dict(http_event.headers))
            elif isinstance(http_event, DataReceived) and http_event.data:
                tunnel.data.put_nowait(http_event.data)
            elif isinstance(http_event, DatagramReceived):
                tunnel.datagrams.put_nowait(http_event.data)
            if getattr(http_event, "stream_ended", False):
                tunnel.data.put_nowait(None)

    @staticmethod
    def fail(tunnel, reason):
        if not tunnel.head.done():
            tunnel.head.set_exception(Failure(reason))
        tunnel.data.put_nowait(Failure(reason))

    async def open(self, headers):
        stream = self._quic.get_next_available_stream_id()
        tunnel = self.tunnels[stream] = Tunnel()
        self.http.send_headers(stream, [(name.encode(), value.encode()) for name, value in headers])
        self.transmit()
        head = await asyncio.wait_for(tunnel.head, TIMEOUT)
        print(head)
        if head[b":status"] != b"200":
            raise Failure(f"the answer is {head[b':status'].decode()}: {head.get(b'proxy-status')}")
        return stream, tunnel


async def open_udp(client, authority, target):
    host, _, port = target.rpartition(":")
    return await client.open([
        (":method", "CONNECT"),
        (":protocol", "connect-udp"),
        (":scheme", "https"),
        (":authority", authority),
        (":path", f"/.well-known/masque/udp/{quote(host, safe='')}/{port}/"),
        ("capsule-protocol", "?1"),
    ])


async def echo(client, authority, target, update_keys):
    stream, tunnel = await open_udp(client, authority, target)
    for length in (1, 0, 64, 512, 1100):
        if update_keys and length == 64:  # RFC 9001, section 6; the tunnel goes on with new keys
            client._quic.request_key_update()
        sent = CONTEXT_ID_UDP + bytes([length % 251]) * length
        client.http.send_datagram(stream, sent)
        client.transmit()
        answer = await asyncio.wait_for(tunnel.datagrams.get(), TIMEOUT)
        if answer != sent:
            raise Failure(f"{sent[:10]!r}, {length} bytes, came back as {answer[:10]!r}, {len(answer) - 1} bytes")
    await end(client, stream, tunnel)


async def echo_capsules(client, authority, target):
    stream, tunnel = await open_udp(client, authority, target)
    stream_bytes = bytearray()
    for length in (1, 0, 64, 512, 1100):
        sent = CONTEXT_ID_UDP + bytes([length % 251]) * length
        client.http.send_data(stream, capsule(CAPSULE_UNKNOWN, b"skip me") + capsule(CAPSULE_DATAGRAM, sent), False)
        client.transmit()
        while (answer := take_capsule(stream_bytes)) is None:
            stream_bytes += await more(tunnel)
        if answer != (CAPSULE_DATAGRAM, sent):
            raise Failure(f"a DATAGRAM capsule with {length} bytes came back as {answer[1][:10]!r} in type {answer[0]}")
    await end(client, stream, tunnel)


def capsule(kind, value):
    return encode_uint_var(kind) + encode_uint_var(len(value)) + value


def take_capsule(stream_bytes):
    """The type and value of the first capsule, which is removed; None if it is not complete."""
    buffer = Buffer(data=bytes(stream_bytes))
    try:
        kind = buffer.pull_uint_var()
        value = buffer.pull_bytes(buffer.pull_uint_var())
    except BufferReadError:
        return None
    del stream_bytes[: buffer.tell()]
    return kind, value


async def more(tunnel):
    chunk = await asyncio.wait_for(tunnel.data.get(), TIMEOUT)
    if chunk is None:
        raise Failure("the relay has ended the stream")
    if isinstance(chunk, Failure):
        raise chunk
    return chunk


async def end(client, stream, tunnel):
    """Ends this side, and waits until the relay has ended its side too."""
    client.http.send_data(stream, b"", end_stream=True)
    client.transmit()
    last = await asyncio.wait_for(tunnel.data.get(), TIMEOUT)
    if last is not None:
        raise Failure(f"the stream does not end in order: {last!r}")


async def fetch(client, target, expected):
    stream, tunnel = await client.open([(":method", "CONNECT"), (":authority", target)])
    host = target.rpartition(":")[0]
    request = f"GET /download.bin HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    client.http.send_data(stream, request.encode(), end_stream=False)
    client.transmit()
    received = bytearray()
    while (chunk := await asyncio.wait_for(tunnel.data.get(), TIMEOUT)) is not None:
        if isinstance(chunk, Failure):
            raise chunk
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or body != expected:
        raise Failure(f"the site answers {head[:40]!r} and {len(body)} bytes that are not the file")
    client.http.send_data(stream, b"", end_stream=True)
    client.transmit()


async def run(arguments):
    configuration = QuicConfiguration(
        is_client=True,
        alpn_protocols=H3_ALPN,
        max_datagram_frame_size=None if arguments.capsules else 65536,
        verify_mode=ssl.CERT_REQUIRED,
    )
    configuration.load_verify_locations(arguments.cacert)
    host, _, port = arguments.relay.rpartition(":")
    async with connect(host, int(port), configuration=configuration, create_protocol=Client) as client:
        if arguments.echo:
            if arguments.capsules:
                await echo_capsules(client, arguments.relay, arguments.echo)
            else:
                await echo(client, arguments.relay, arguments.echo, arguments.update_keys)
        if arguments.site:
            with open(arguments.expect, "rb") as file:
                await fetch(client, arguments.site, file.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--relay", required=True, help="host:port")
    parser.add_argument("--cacert", required=True, help="authorities that sign the relay's certificate, PEM")
    parser.add_argument("--echo", help="UDP echo server, host:port")
    parser.add_argument("--capsules", action="store_true", help="announce no datagrams, and use capsules")
    parser.add_argument("--update-keys", action="store_true", help="in the midst of the UDP echo in datagrams")
    parser.add_argument("--site", help="web server without TLS, host:port")
    parser.add_argument("--expect", help="the file that the site's /download.bin has to be")
    try:
        asyncio.run(asyncio.wait_for(run(parser.parse_args()), 2 * TIMEOUT))
    except (Failure, ConnectionError) as failure:
        sys.exit(str(failure))
    except asyncio.TimeoutError:
        sys.exit("no answer in time")


if __name__ == "__main__":
    main()
