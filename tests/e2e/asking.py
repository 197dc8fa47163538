"""A client that sends requests without pause, each over a new connection: a refused one shows a gap in the service."""
import subprocess
import sys

# Prints how many requests were answered, then one line for each that failed.
CLIENT = r"""
import socket, sys, threading, time
stop, done, failed = threading.Event(), 0, []
def ask():
    global done
    while not stop.is_set():
        try:
            with socket.create_connection(("127.0.0.1", 9955), 60) as s:
                s.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = b""
                while part := s.recv(4096): answer += part
            if not answer.startswith(b"HTTP/1.1 200"): failed.append(repr(answer[:80]))
            done += 1
        except OSError as error:
            failed.append(repr(error))
        time.sleep(0.005)
threads = [threading.Thread(target=ask) for _ in range(2)]
for t in threads: t.start()
sys.stdin.readline(); stop.set()
for t in threads: t.join()
print(done, *failed, sep="\n")
"""


class Asking:
    """Starts the client in the guest's network; the cleanup of `case` stops it at the latest."""

    def __init__(self, case, guest):
        self.client = guest.spawn(sys.executable, "-c", CLIENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        case.addCleanup(lambda: self.client.poll() is None and (self.client.kill(), self.client.communicate()))

    def end(self):
        """Stops the client -> how many requests were answered, and how each of the others failed."""
        done, *failed = self.client.communicate("\n", timeout=60)[0].split("\n")
        return int(done), [line for line in failed if line]
