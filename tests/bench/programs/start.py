"""What start.mjs does, with Python gql."""
import asyncio
import json
import os
import sys

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

url = sys.argv[1]


async def main() -> None:
    request = gql("subscription ($n: Int!) { tick(n: $n) { n code bid } }")
    request.variable_values = {"n": 1}
    async with Client(transport=WebsocketsTransport(url=url)) as connection:
        async for data in connection.subscribe(request):
            print(json.dumps({"data": data}), flush=True)
            # As abruptly as process.exit() of Node's.
            os._exit(0)


asyncio.run(main())
