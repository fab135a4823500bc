"""A stand-in for tc's netem, which not every kernel has: a switch, in a process, that delivers each frame some time after it
has come in.

  slow_switch.py MILLISECONDS PORT…       the ports are network devices, up, and in no other switch
  slow_switch.py checksums-of DEVICE…     lets these devices' checksums be computed before the frames leave: a switch that
                                          is no part of the kernel would hand on frames without
"""
import collections
import fcntl
import os
import select
import socket
import struct
import sys
import time

ETH_P_ALL, SIOCETHTOOL, ETHTOOL_STXCSUM = 3, 0x8946, 0x17


def compute_checksums(device):
    import array
    off = array.array("B", struct.pack("II", ETHTOOL_STXCSUM, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, struct.pack("16sP", device.encode(), off.buffer_info()[0]))


def switch(delay, devices):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # a real switch waits for no process
    ports = []
    for device in devices:
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        port.bind((device, 0))
        port.setblocking(False)
        ports.append(port)
    known, waiting = {}, collections.deque()  # where an address is; frames in the order in which they are due
    while True:
        left = waiting[0][0] - time.monotonic() if waiting else 1
        readable, _, _ = select.select(ports, [], [], max(0, left - 0.0001))
        now = time.monotonic()
        for port in readable:
            try:
                for _ in range(64):
                    frame, (_, _, kind, _, _) = port.recvfrom(70000)
                    if kind != socket.PACKET_OUTGOING:
                        known[frame[6:12]] = port
                        waiting.append((now + delay, port, frame))
            except BlockingIOError:
                pass
        while waiting and waiting[0][0] <= time.monotonic():
            _, origin, frame = waiting.popleft()
            there = known.get(frame[:6])
            for port in [there] if there else ports:
                if port is not origin:
                    port.send(frame)


if __name__ == "__main__":
    if sys.argv[1] == "checksums-of":
        for name in sys.argv[2:]:
            compute_checksums(name)
    else:
        switch(float(sys.argv[1]) / 1000, sys.argv[2:])
