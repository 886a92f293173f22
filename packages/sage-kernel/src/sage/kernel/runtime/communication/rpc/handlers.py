"""The calls that a server answers: each frame to the queues, and their answer back."""

import hmac
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc

from sage.kernel.runtime.communication.rpc import wire
from sage.kernel.runtime.communication.rpc.connection import seconds_left
from sage.kernel.runtime.communication.rpc.table import QueueTable

__all__ = ["Handlers"]


class Handlers(grpc.GenericRpcHandler):
    """Answers the calls of clients that bring the token, from `queues`."""

    def __init__(self, queues: QueueTable, token: str | None) -> None:
        self._queues = queues
        self._token = None if token is None else f"Bearer {token}".encode()
        self._methods: dict[str, Any] = {
            wire.CALL: grpc.unary_unary_rpc_method_handler(self._call),
            wire.PUT_MANY: grpc.stream_stream_rpc_method_handler(self._put_many),
            wire.SESSION: grpc.stream_stream_rpc_method_handler(self._session),
        }
        self._refuse_one: Any = grpc.unary_unary_rpc_method_handler(_unauthenticated)
        self._refuse_many: Any = grpc.stream_stream_rpc_method_handler(_unauthenticated_stream)

    def service(self, handler_call_details: Any) -> Any:
        method = self._methods.get(handler_call_details.method)
        if method is None or self._token is None or self._may_enter(handler_call_details):
            return method
        return self._refuse_one if handler_call_details.method == wire.CALL else self._refuse_many

    def _may_enter(self, details: Any) -> bool:
        assert self._token is not None
        for key, value in details.invocation_metadata or ():
            if key == "authorization":
                return hmac.compare_digest(value.encode(), self._token)
        return False

    async def _call(self, frame: bytes, context: Any) -> bytes:
        try:
            request = wire.decode_request(frame)
        except wire.MALFORMED as error:
            await _malformed(context, error)
        return wire.encode(await self._queues.answer(request))

    async def _put_many(self, frames: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        try:
            head = wire.decode_put_many(await anext(frames))
        except (*wire.MALFORMED, StopAsyncIteration) as error:
            await _malformed(context, error)
        left = seconds_left(head.wait)
        async for frame in frames:
            try:
                batch = wire.decode_batch(frame)
            except wire.MALFORMED as error:
                await _malformed(context, error)
            reply = await self._queues.put_batch(head, batch, frame, left())
            yield wire.encode(reply)
            if not isinstance(reply, wire.Done):
                return

    async def _session(self, frames: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        session = ""
        try:
            async for frame in frames:
                try:
                    said = wire.decode_session(frame)
                except wire.MALFORMED as error:
                    await _malformed(context, error)
                session = said.session if isinstance(said, wire.Beat) else session
                if not self._queues.hear(session, said):
                    yield wire.encode(wire.Refused("no-session"))
                    return
        finally:  # it left, was cut off, or its process died
            self._queues.end_session(session, "its consumer went away")


async def _malformed(context: Any, error: Exception) -> NoReturn:
    await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"malformed frame: {error}")
    raise AssertionError("abort raises")


async def _unauthenticated(frame: bytes, context: Any) -> bytes:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")
    return b""


async def _unauthenticated_stream(frames: Any, context: Any) -> AsyncIterator[bytes]:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")
    yield b""
