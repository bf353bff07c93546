"""The device on which networks run. The caller always names it; no device is chosen automatically."""

from contextlib import suppress

import torch


def device_named(name: str) -> torch.device:
    """The device of this name: "cpu", "cuda" or "cuda:N". Raises ValueError if there is no such device."""
    device = None
    with suppress(RuntimeError):
        device = torch.device(name)
    if device is None or device.type not in ("cpu", "cuda"):
        raise ValueError(f"device is {name!r}; it must be 'cpu', 'cuda' or 'cuda:N'")
    found = torch.cuda.device_count() if device.type == "cuda" else 1
    if (device.index or 0) >= found:
        raise ValueError(
            f"device {name!r} does not exist: PyTorch {torch.__version__} finds {found} CUDA devices; "
            "use 'cpu'"
        )
    return device


def device_description(name: str) -> str:
    """How records name a device: "cpu", or the product name of the GPU."""
    device = device_named(name)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
