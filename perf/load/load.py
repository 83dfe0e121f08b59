"""How much is asked of a server at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """Either so many clients, each of which sends its next request when the last one ended, or so many arrivals a
    second, at random moments (a Poisson process), whether or not the server keeps up.
    """

    clients: int | None = None
    rate: float | None = None  # requests a second

    def __post_init__(self) -> None:
        """Check that it is one of the two. Raises `ValueError`."""
        if (self.clients is None) == (self.rate is None):
            raise ValueError("a load is a number of clients or a rate of requests: give one of them")

    def __str__(self) -> str:
        return f"{self.clients} clients" if self.rate is None else f"{self.rate:.2f} requests a second"
