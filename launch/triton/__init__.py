"""A tritonserver without a container: finding, starting and watching it."""
