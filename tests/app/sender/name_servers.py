"""A name server that a test may ask of, as the socket module asks."""

import socket

NAME = "socket.example"


class NameServer:
    """Knows the addresses of one name, and what it was asked for."""

    def __init__(self):
        self.addresses = []
        self.asked = 0

    def look_up(self, name, port, **options):
        if name != NAME:  # the host may be offline, where each question takes a while
            options["flags"] = socket.AI_NUMERICHOST
            return self.others(name, port, **options)
        self.asked += 1
        return [
            found
            for address in self.addresses
            for found in self.others(address, port, **options)
        ]

    others = staticmethod(socket.getaddrinfo)
