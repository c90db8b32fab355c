"""strawberry in uvicorn, with the schema of schema.mjs."""

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import AsyncGenerator, Callable
from functools import wraps
from typing import Annotated

import strawberry
import uvicorn
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError

message = "hello"
running = 0


def counted(source: Callable) -> Callable:
    """A source that is counted while it runs. strawberry cancels it when its client leaves, also within a pause."""

    @wraps(source)
    async def run(*args, **kwargs):
        global running
        running += 1
        try:
            async for value in source(*args, **kwargs):
                yield value
        finally:
            running -= 1

    return run


async def pause(ms: int | None) -> None:
    await asyncio.sleep((ms or 0) / 1000)


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str | None = strawberry.UNSET) -> str:
        return f"Hello, {'world' if name in (None, strawberry.UNSET) else name}!"

    @strawberry.field
    def message(self) -> str:
        return message

    @strawberry.field
    def failing(self) -> str | None:
        raise Exception("this resolver fails")

    @strawberry.field
    def text(self, length: int) -> str:
        return "x" * length

    @strawberry.field
    def echo(self, value: int) -> int:
        return value

    @strawberry.field
    async def slow(self, ms: int) -> int:
        await pause(ms)
        return ms

    @strawberry.field(description="How many subscriptions the server is working on, over all connections.")
    def running(self) -> int:
        return running


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Sets the message at once, and answers after `ms` milliseconds.")
    async def set_message(self, message: str, ms: int | None = 0) -> str:
        globals()["message"] = message
        if ms:
            await pause(ms)
        return message


@strawberry.type
class Subscription:
    @strawberry.subscription(description="Counts down to 0, one number each `ms` milliseconds.")
    @counted
    async def countdown(
        self, start: Annotated[int, strawberry.argument(name="from")], ms: int | None = 10
    ) -> AsyncGenerator[int, None]:
        for n in range(start, -1, -1):
            yield n
            if n > 0:
                await pause(ms)

    @strawberry.subscription(description="The numbers from 1 to `count`, as fast as they can be sent.")
    @counted
    async def burst(self, count: int) -> AsyncGenerator[int, None]:
        for n in range(1, count + 1):
            yield n

    @strawberry.subscription(description="Throws after `after` numbers.")
    @counted
    async def breaking(self, after: int) -> AsyncGenerator[int, None]:
        for n in range(1, after + 1):
            yield n
        raise Exception("this stream breaks")

    @strawberry.subscription(description="Never sends anything.")
    @counted
    async def silent(self) -> AsyncGenerator[bool | None, None]:
        await asyncio.Event().wait()
        yield None

    @strawberry.subscription(description="Counts up from 1, one number each `ms` milliseconds, for ever.")
    @counted
    async def ticks(self, ms: int | None = 10) -> AsyncGenerator[int, None]:
        n = 0
        while True:
            n += 1
            yield n
            await pause(ms)


class Endpoint(GraphQL):
    async def on_ws_connect(self, context):
        if (context["connection_params"] or {}).get("token") == "wrong":
            raise ConnectionRejectionError({"message": "wrong token"})
        return await super().on_ws_connect(context)


class Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket]) -> None:
        await super().startup(sockets)
        print(json.dumps({"url": f"ws://127.0.0.1:{sockets[0].getsockname()[1]}/graphql"}), flush=True)


def exit_with_stdin() -> None:
    """Whoever started the program holds its stdin open; it must not outlive them."""
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=exit_with_stdin, daemon=True).start()
listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", 0))))
schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
Server(uvicorn.Config(Endpoint(schema), log_level="warning")).run([listener])
