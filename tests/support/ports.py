"""Addresses that no other test uses at the same time."""

import os
import socket


def own_address(nth=0):
    """Every process has two addresses of 127/8 to itself, so that tests that run side by side cannot meet."""
    pid = os.getpid()
    return f"127.{1 + 100 * nth + pid // 62500 % 100}.{1 + pid // 250 % 250}.{1 + pid % 250}"


def free_ports(count, address):
    """They are different, and free now."""
    sockets = []
    try:
        for _ in range(count):
            probe = socket.socket()
            probe.bind((address, 0))
            sockets.append(probe)
        return [probe.getsockname()[1] for probe in sockets]
    finally:
        for probe in sockets:
            probe.close()
