// What `wireql --help` prints.

export const help = `wireql: GraphQL over WebSocket, in the terminal

  wireql [options] URL DOCUMENT          run an operation; each result is a line of JSON
  wireql --schema URL                    print the server's schema
  wireql record FILE [options] URL DOCUMENT   keep what goes over the wire as a transcript
  wireql serve FILE [options]            play a transcript to whoever connects
  wireql demo                            a server to try it on

Examples

  wireql ws://127.0.0.1:4000/graphql 'subscription { countdown(from: 3) }'
  wireql wss://example.com/graphql @price.graphql -v symbol=ABC --select data.price
  wireql wss://example.com/graphql - --count 10 < price.graphql | jq .data
  WIREQL_INIT='{"token":"…"}' wireql wss://example.com/graphql '{ me { name } }'
  wireql wss://example.com/graphql @app.graphql --operation OnPrice -H @headers.txt
  WIREQL_API_KEY=da2-… wireql https://….appsync-api.eu-west-1.amazonaws.com/graphql \\
    'subscription { onMessage { text } }' --dialect appsync
  wireql wss://example.com/socket 'subscription { price }' --dialect phoenix --token-file token
  wireql record price.txt wss://example.com/graphql 'subscription { price }' --timeout 60
  wireql serve price.txt --speed 10

The operation. DOCUMENT is text, @FILE, or - for standard input.

  -v, --variable NAME=VALUE   a variable; VALUE is JSON, or else text. @FILE.json: a file of them
      --operation NAME        which operation of the document
      --count N               leave after N results
      --timeout SECONDS       leave after so long, with exit code 4

The output

      --select PATH           print one field alone, such as data.price or data.items.0.id
      --pretty                indent it
      --trace FILE            write a transcript to FILE; - is stderr
      --schema                print the schema

The connection

  -H, --header 'NAME: VALUE'  a header of the handshake; @FILE has one a line
      --init JSON             payload of connection_init; @FILE; or WIREQL_INIT
      --dialect NAME          graphql-transport-ws, graphql-ws, appsync or phoenix; the first two are detected
      --no-reconnect          end when the connection is lost
      --api-key-file FILE     AppSync: an API key; or WIREQL_API_KEY
      --token-file FILE       AppSync, Phoenix: a token, read at each attempt; or WIREQL_TOKEN
      --region NAME           AppSync: for AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN on a
                              custom domain; or AWS_REGION
      --params JSON           Phoenix: parameters of the URL; @FILE; or WIREQL_PARAMS
      --carrier NAME          what carries the token: query or subprotocol
      --topic NAME            Phoenix: the topic of Absinthe's channel

Others can read the arguments of your processes: give secrets in files or in the environment.

serve

      --port N                4000 by default; 0 is any free one
      --host NAME             127.0.0.1 by default
      --speed N               2 is twice as fast as it was recorded; none does not wait
      --once                  end when the transcript has been played

Exit codes

    0  the operation has ended, --count is reached, or nobody reads the output any more
    1  the server refused the operation or broke it off; or a result has errors
    2  the arguments, or what they refer to, are wrong
    3  there is no connection, or it was lost and is not made again
    4  --timeout has passed
  130  Ctrl-C (129 hangup, 143 termination)`;
