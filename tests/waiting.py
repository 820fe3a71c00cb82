"""The pace at which tests look for what they wait for."""


def pause_after(waited: float) -> float:
    """Seconds to the next look: who waits long looks less often, and leaves the processor to what it waits for."""
    return min(max(waited / 25, 0.02), 0.2)
