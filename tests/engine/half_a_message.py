"""A process that sends half a message and then nothing."""

import os
import struct
import sys
import time
from multiprocessing.connection import Connection

from ipc.fork_server import serve_forks

if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as server:
        connection = serve_forks(server)
    if connection is not None:
        os.write(connection.fileno(), struct.pack("!i", 1000) + b"half a message")
        time.sleep(600)
