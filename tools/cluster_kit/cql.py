"""A very small CQL client: one question to one node, to learn how it does."""
import socket
import struct

_VERSION, _ERROR, _STARTUP, _READY, _OPTIONS, _SUPPORTED, _QUERY, _RESULT = 0x04, 0x00, 0x01, 0x02, 0x05, 0x06, 0x07, 0x08
_ONE, _ROWS = 0x0001, 2


class CqlError(Exception):
    """The node answered with an error."""


def answers(address, timeout_s=2):
    """Whether a node speaks CQL with clients."""
    try:
        with socket.create_connection(address, timeout_s) as connection:
            return _ask(connection, _OPTIONS, b"")[0] == _SUPPORTED
    except OSError:
        return False


def query(address, text, timeout_s=5):
    """The rows of a query as lists of bytes or None, in the order of its columns; without rows an empty list.

    Raises OSError, or CqlError with the node's own words.
    """
    with socket.create_connection(address, timeout_s) as connection:
        opcode, body = _ask(connection, _STARTUP, struct.pack(">H", 1) + _string("CQL_VERSION") + _string("3.0.0"))
        if opcode != _READY:
            raise CqlError(f"a node that wants more than a greeting: {opcode}")
        encoded = text.encode()
        opcode, body = _ask(connection, _QUERY, struct.pack(">i", len(encoded)) + encoded + struct.pack(">HB", _ONE, 0))
        if opcode == _ERROR:
            raise CqlError(body[6:].decode(errors="replace"))
        return _rows(body)


def _string(text):
    return struct.pack(">H", len(text)) + text.encode()


def _ask(connection, opcode, body):
    """A frame is version, flags, stream (2), opcode, length (4), body."""
    connection.sendall(struct.pack(">BBhBi", _VERSION, 0, 0, opcode, len(body)) + body)
    _, _, _, answer, length = struct.unpack(">BBhBi", _exactly(connection, 9))
    return answer, _exactly(connection, length)


def _exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("the node closed the connection")
        data += part
    return data


def _rows(body):
    """Of a result: kind, flags, column count, keyspace and table, a name and a type a column, row count, values.

    Only columns of plain types: a type that has parameters is not read here.
    """
    kind, = struct.unpack_from(">i", body)
    if kind != _ROWS:
        return []
    flags, columns = struct.unpack_from(">ii", body, 4)
    at = 12
    if flags & 1:
        for _ in range(2):
            at += 2 + struct.unpack_from(">H", body, at)[0]
    for _ in range(columns):
        at += 2 + struct.unpack_from(">H", body, at)[0] + 2
    count, = struct.unpack_from(">i", body, at)
    at += 4
    rows = []
    for _ in range(count):
        row = []
        for _ in range(columns):
            length, = struct.unpack_from(">i", body, at)
            at += 4
            row.append(None if length < 0 else body[at:at + length])
            at += max(length, 0)
        rows.append(row)
    return rows
