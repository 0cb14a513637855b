"""A target on UDP and TCP port 7000 that tells who asks, as it is on the wire. Ends with its standard input.

"who" is answered with the source and, for UDP, the DSCP, the ECN bits and whether "don't fragment" is set (IPv4).
"spoof" is answered from elsewhere first. Anything else is answered with its length.
"""
import os, socket, struct, sys, threading

PORT = 7000


def answer(payload, source, marks, reply):
    if payload == b"who":
        reply(f"{source[0]} {source[1]} {marks}".encode())
    elif payload == b"spoof":
        spoof(source)
        reply(b"genuine")
    else:
        reply(f"{len(payload)}".encode())


def udp_checksum_free(payload, sport, dport):
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def spoof(source):  # IPv4: from another address, and from another port of the right one
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for address, port in (("10.77.0.9", PORT), ("10.77.0.2", PORT + 1)):
        udp = udp_checksum_free(b"forged", port, source[1])
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                             socket.inet_aton(address), socket.inet_aton(source[0]))
        raw.sendto(header + udp, (source[0], 0))
    raw.close()


def udp4():
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("0.0.0.0", PORT))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def run():
        while True:
            packet = raw.recv(65536)
            header = (packet[0] & 15) * 4
            sport, dport = struct.unpack("!HH", packet[header:header + 4])
            if dport != PORT:
                continue
            source = (socket.inet_ntoa(packet[12:16]), sport)
            own = packet[16:20]
            marks = f"dscp={packet[1] >> 2} ecn={packet[1] & 3} df={packet[6] >> 6 & 1}"
            info = struct.pack("=I4s4s", 0, own, b"\0" * 4)  # IP_PKTINFO: from the address that was asked
            answer(packet[header + 8:], source, marks,
                   lambda reply: bound.sendmsg([reply], [(socket.SOL_IP, 8, info)], 0, source))
    return run


def udp6():
    bound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS, 1)
    bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    bound.bind(("::", PORT))

    def run():
        while True:
            payload, ancillary, _, source = bound.recvmsg(65536, 256)
            told = {kind: data for _, kind, data in ancillary}
            tclass = struct.unpack("=i", told[socket.IPV6_TCLASS])[0]
            info = told[socket.IPV6_PKTINFO][:16] + b"\0" * 4  # by any interface
            answer(payload, source, f"dscp={tclass >> 2} ecn={tclass & 3}",
                   lambda reply: bound.sendmsg([reply], [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, info)], 0, source))
    return run


def tcp(family, address):
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((address, PORT))
    listener.listen(512)

    def run():
        while True:
            connection, source = listener.accept()
            connection.sendall(f"{source[0]} {source[1]}".encode())
            connection.close()
    return run


for task in (udp4(), udp6(), tcp(socket.AF_INET, "0.0.0.0"), tcp(socket.AF_INET6, "::")):
    threading.Thread(target=task, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
os._exit(0)
