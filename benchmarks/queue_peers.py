"""The bare servers that queues are measured beside: as little code as does the same work.

    python benchmarks/queue_peers.py tcp|grpc

prints the port it listens on, and serves until it is killed.
"""

import asyncio
import struct
import sys
from collections import deque
from typing import Any

import grpc
import grpc.aio
import msgspec

OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


async def serve_tcp() -> None:
    """Batches in length-prefixed MessagePack; four bytes acknowledge each."""
    items: deque[bytes] = deque()
    decode = msgspec.msgpack.Decoder(list[bytes]).decode

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (size,) = struct.unpack("!I", await reader.readexactly(4))
                batch = decode(await reader.readexactly(size))
                items.extend(batch)
                writer.write(struct.pack("!I", len(batch)))
        except asyncio.IncompleteReadError:
            items.clear()
            writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", 0, limit=1 << 24)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


async def serve_grpc() -> None:
    """One method that stores an item, one that stores a stream of batches."""
    items: deque[bytes] = deque()
    decode = msgspec.msgpack.Decoder(list[bytes]).decode

    async def one(item: bytes, context: Any) -> bytes:
        items.append(item)
        return b"\x01"

    async def many(frames: Any, context: Any) -> Any:
        async for frame in frames:
            batch = decode(frame)
            items.extend(batch)
            yield b"\x01"
        items.clear()

    server = grpc.aio.server(options=OPTIONS)
    methods = {
        "One": grpc.unary_unary_rpc_method_handler(one),
        "Many": grpc.stream_stream_rpc_method_handler(many),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("bare", methods)])
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run({"tcp": serve_tcp, "grpc": serve_grpc}[sys.argv[1]]())
