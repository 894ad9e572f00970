"""Why a request failed, in one sentence for people, instead of the chain of urllib3's errors."""

import errno
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import requests
import urllib3

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_errors = requests.exceptions
# The first row with an error among the causes says what went wrong; the causes of a row above may
# also have errors of a row below.
_SENTENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (urllib3.exceptions.ProxyError, _errors.ProxyError),
        "the proxy for {host} cannot be used: check HTTPS_PROXY",
    ),
    (
        (urllib3.exceptions.NameResolutionError, socket.gaierror),
        "the name {host} cannot be resolved: is there a network connection?",
    ),
    ((ConnectionRefusedError,), "{host} refuses connections"),
    ((ssl.SSLCertVerificationError,), "the certificate of {host} is not valid: {reason}"),
    (
        (ssl.SSLError, urllib3.exceptions.SSLError, _errors.SSLError),
        "{host} and this machine cannot agree on an encrypted connection (TLS)",
    ),
    (
        (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
        "{host} did not answer within {timeout:g} s",
    ),
    (
        (urllib3.exceptions.DecodeError, _errors.ContentDecodingError),
        "the response of {host} is not compressed as it says",
    ),
    (
        (ConnectionError, urllib3.exceptions.ProtocolError, _errors.ChunkedEncodingError),
        "{host} closed the connection before the response was complete",
    ),
)


def describe_failure(error: Exception, address: str, timeout: float) -> str:
    """Return what went wrong in a request to an address, from the error and its causes."""
    host = urlsplit(address).hostname or address
    chain = list(_causes(error))
    if any(isinstance(one, OSError) and one.errno in _NO_ROUTE for one in chain):
        return f"{host} cannot be reached: is there a network connection?"
    for kinds, sentence in _SENTENCES:
        if cause := next((one for one in chain if isinstance(one, kinds)), None):
            reason = getattr(cause, "verify_message", "")
            return sentence.format(host=host, timeout=timeout, reason=reason)
    return f"{host} did not answer correctly ({type(error).__name__})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it wraps, as a cause, a reason or an argument; each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        waiting += [other for other in wrapped if isinstance(other, BaseException)]
