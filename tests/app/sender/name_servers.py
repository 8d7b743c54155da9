"""A name server that a test may ask of, as the socket module asks."""

import socket
import time

NAME = "socket.example"


class NameServer:
    """Knows the addresses of one name, and what it was asked for."""

    def __init__(self):
        self.addresses = []
        self.asked = 0
        self.pause = 0.0  # seconds before it answers

    def look_up(self, name, port, **options):
        if name != NAME:  # the host may be offline, where each question takes a while
            options["flags"] = socket.AI_NUMERICHOST
            return self.others(name, port, **options)
        self.asked += 1
        time.sleep(self.pause)
        return [
            found
            for address in self.addresses
            for found in self.others(address, port, **options)
        ]

    others = staticmethod(socket.getaddrinfo)
