"""The gRPC channel to one Triton, or to several with load balancing."""

import json

SERVICE_CONFIG = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
"""Each call goes to the next connected Triton (https://grpc.io/docs/guides/custom-load-balancing/)."""

CHANNEL_OPTIONS = [
    ("grpc.service_config", SERVICE_CONFIG),
    # A machine that vanished closes no connection. Keepalive detects it within 30 seconds and fails its open calls.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # By default gRPC waits up to two minutes before it reconnects to a Triton that was restarted,
    ("grpc.max_reconnect_backoff_ms", 1000),
    # and up to 30 seconds before it resolves a name again.
    ("grpc.dns_min_time_between_resolutions_ms", 1000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # The environment may name a web proxy, which must not be used for Triton.
    ("grpc.enable_http_proxy", 0),
]


def target(url: str) -> str:
    """Return gRPC's name for `url` (https://github.com/grpc/grpc/blob/master/doc/naming.md).

    `url` is one `host:port`, whose host may have several addresses, or several `IP:port` separated by commas.
    """
    addresses = url.split(",")
    if len(addresses) == 1:
        return f"dns:///{url}"
    return f"{'ipv6' if url.startswith('[') else 'ipv4'}:{url}"
