"""What client.mjs does, with Python gql."""
import asyncio
import json
import resource
import sys

from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport

url, count = sys.argv[1], int(sys.argv[2])


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main() -> None:
    request = gql("subscription ($n: Int!) { tick(n: $n) { n code bid } }")
    request.variable_values = {"n": count}
    first = None
    total = 0
    async with Client(transport=WebsocketsTransport(url=url)) as connection:
        async for data in connection.subscribe(request):
            if first is None:
                first = spent()
            total += data["tick"]["n"]
        last = spent()
    print(json.dumps({"sum": total, "values": [last - first, last]}))


asyncio.run(main())
