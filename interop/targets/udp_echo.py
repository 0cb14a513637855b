"""Sends every UDP datagram back to where it came from. Argument: the port, on the loopback address."""

import socket
import sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as echo:
    echo.bind(("127.0.0.1", int(sys.argv[1])))
    while True:
        echo.sendto(*echo.recvfrom(65535))
