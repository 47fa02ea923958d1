"""A Flight server and a client of it, which take their trust from where the platform's pods have it."""

import os
import sys

import pyarrow as pa
from pyarrow import flight


def text(variable):
    with open(os.environ[variable], "rb") as file:
        return file.read()


class Bearer(flight.ServerMiddlewareFactory):
    """Takes any of the tokens of NOETL_FLIGHT_BEARER_TOKENS."""

    def __init__(self, tokens):
        self.tokens = tokens

    def start_call(self, info, headers):
        sent = [value for name, values in headers.items() if name.lower() == "authorization" for value in values]
        if not any(value == f"Bearer {token}" for value in sent for token in self.tokens):
            raise flight.FlightUnauthenticatedError("no token that is taken")


class Server(flight.FlightServerBase):
    def do_get(self, context, ticket):
        return flight.RecordBatchStream(pa.table({"answer": [42]}))


def serve():
    options = {}
    scheme = "grpc"
    if "NOETL_FLIGHT_TLS_CERT" in os.environ:
        scheme = "grpc+tls"
        options["tls_certificates"] = [(text("NOETL_FLIGHT_TLS_CERT"), text("NOETL_FLIGHT_TLS_KEY"))]
    if "NOETL_FLIGHT_CLIENT_CA" in os.environ:
        options["verify_client"] = True
        options["root_certificates"] = text("NOETL_FLIGHT_CLIENT_CA")
    if "NOETL_FLIGHT_BEARER_TOKENS" in os.environ:
        options["middleware"] = {"bearer": Bearer(os.environ["NOETL_FLIGHT_BEARER_TOKENS"].split(","))}
    server = Server(f"{scheme}://127.0.0.1:0", **options)
    print(server.port, flush=True)
    sys.stdin.read()
    server.shutdown()


def fetch():
    options = {}
    if "SERVER_CA" in os.environ:
        options["tls_root_certs"] = text("SERVER_CA")
        options["override_hostname"] = os.environ["HOST"]
    if "CLIENT_CERT" in os.environ:
        options["cert_chain"] = text("CLIENT_CERT")
        options["private_key"] = text("CLIENT_KEY")
    headers = []
    if "NOETL_FLIGHT_BEARER_TOKEN" in os.environ:
        headers.append((b"authorization", b"Bearer " + os.environ["NOETL_FLIGHT_BEARER_TOKEN"].encode()))
    client = flight.connect(os.environ["LOCATION"], **options)
    try:
        table = client.do_get(flight.Ticket(b"x"), flight.FlightCallOptions(headers=headers, timeout=30)).read_all()
        print(table.to_pydict()["answer"][0])
    except pa.ArrowException as error:
        print(f"{type(error).__name__}: {error}".splitlines()[0])


{"serve": serve, "fetch": fetch}[sys.argv[1]]()
