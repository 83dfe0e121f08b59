"""The gRPC channel to one Triton, or to several that share the work."""

import json

SERVICE_CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
"""Every call goes to the next Triton that is connected (https://grpc.io/docs/guides/custom-load-balancing/)."""

CHANNEL_OPTIONS = [
    ("grpc.service_config", SERVICE_CONFIG),
    # A machine that is gone says nothing. Within half a minute it counts as lost, with every call that is open to it.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # gRPC would wait up to two minutes before it tries again to reach a Triton that was restarted.
    ("grpc.max_reconnect_backoff_ms", 1000),
    # And up to half a minute before it asks again which addresses a name has.
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Triton is a neighbour: a web proxy that the environment names is not for it.
    ("grpc.enable_http_proxy", 0),
]


def target(url: str) -> str:
    """Return how gRPC calls `url` (https://github.com/grpc/grpc/blob/master/doc/naming.md).

    That is `host:port`, of a host that may have several addresses, or several of `IP:port`, separated by commas.
    """
    addresses = url.split(",")
    if len(addresses) == 1:
        return f"dns:///{url}"
    return f"{'ipv6' if url.startswith('[') else 'ipv4'}:{url}"
