"""A process that falls silent in the middle of a message."""

import os
import struct
import sys
import time

if __name__ == "__main__":
    os.write(int(sys.argv[1]), struct.pack("!i", 1000) + b"half a message")
    time.sleep(600)
