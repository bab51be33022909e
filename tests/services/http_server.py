#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP receiver for tests that answers as the path says: /200 /204 /500 /302 /hang /reset /close /huge
/headers /continue /garbage/SEED. Prints its port, then each request as a JSON line. --tls FOLDER: with
server.crt and server.key from there. Ends when its standard input does."""
import json
import os
import queue
import random
import socket
import ssl
import struct
import sys
import threading

RAW = {
    "200": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "500": b"HTTP/1.1 500 Oh No\r\nContent-Length: 0\r\n\r\n",
    "302": b"HTTP/1.1 302 Found\r\nLocation: /200\r\nContent-Length: 0\r\n\r\n",
    "continue": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
}
tokens = [b"HTTP/1.1 ", b"HTTP/2 ", b"200", b" OK", b"\r\n", b"\n", b"\0", b"Content-Length: ", b"-1",
          b"99999999999999999999", b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff\r\n", b"0\r\n\r\n",
          b"Location: ", b"Set-Cookie: "]
requests = queue.Queue()     # printed by a thread of its own: nobody may be reading yet


def garbage(seed):
    """Bytes that no server sends; some look like HTTP for a while."""
    r = random.Random(seed)
    if seed % 3 == 0:
        return r.randbytes(r.randrange(0, 2000))
    start = b"HTTP/1.1 500 X\r\n" if seed % 3 == 1 else b""
    return start + b"".join(r.choice(tokens) if r.random() < 0.8 else r.randbytes(r.randrange(1, 9))
                            for _ in range(r.randrange(1, 60)))


def read_request(connection, pending):
    while b"\r\n\r\n" not in pending:
        more = connection.recv(65536)
        if not more:
            return None, b""
        pending += more
    head, rest = pending.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines if ": " in line)}
    length = int(headers.get("content-length", "0"))
    while len(rest) < length:
        rest += connection.recv(65536)
    return (first, headers, rest[:length]), rest[length:]


def flood(connection, piece):
    for _ in range(100000):
        connection.sendall(piece)


def answer(connection, action):
    """False: the connection is over."""
    name, _, seed = action.partition("/")
    if name == "hang":
        threading.Event().wait()
    if name == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
    if name == "close":
        return False
    if name == "huge":
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        flood(connection, b"2000\r\n" + b"x" * 8192 + b"\r\n")
    if name == "headers":
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        flood(connection, b"X-More: " + b"x" * 8192 + b"\r\n")
    if name == "garbage":
        connection.sendall(garbage(int(seed)))
        return False
    connection.sendall(RAW[name])
    return True


def serve(connection, number, context):
    pending = b""
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        while True:
            request, pending = read_request(connection, pending)
            if not request:
                break
            first, headers, body = request
            requests.put({"connection": number, "request": first, "headers": headers, "body": body.decode()})
            if not answer(connection, first.split(" ")[1][1:]):
                break
    except OSError:
        pass
    connection.close()


def print_requests():
    try:
        while True:
            print(json.dumps(requests.get()), flush=True)
    except BrokenPipeError:
        os._exit(0)     # the test is over


def main():
    context = None
    if len(sys.argv) == 3 and sys.argv[1] == "--tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2] + "/server.crt", sys.argv[2] + "/server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=print_requests, daemon=True).start()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    number = 0
    while True:
        connection, _ = listener.accept()
        number += 1
        threading.Thread(target=serve, args=(connection, number, context), daemon=True).start()


main()
