"""Sockets that speak TLS."""

import errno
import os
import ssl


class TLSSocket(ssl.SSLSocket):
    """Closed if its connection is lost while it is made: nobody else could close it."""

    def getpeername(self) -> object:
        """The ssl module asks for it, and makes an end of it where there is none."""
        try:
            return super().getpeername()
        except OSError:
            self.close()
            raise OSError(errno.ECONNRESET, os.strerror(errno.ECONNRESET)) from None
