"""Where speech comes from: Triton, over gRPC or HTTP, one or several."""
