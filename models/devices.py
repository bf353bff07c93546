"""Where networks run: named by the caller, never chosen behind their back."""

import torch


def device_named(name: str) -> torch.device:
    """The device "cpu", "cuda" or "cuda:N"; raises ValueError, one line, if PyTorch finds none here."""
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise ValueError(f"device is {name!r}, it must be 'cpu', 'cuda' or 'cuda:N'")
    found = torch.cuda.device_count() if device.type == "cuda" else 1
    if (device.index or 0) >= found:
        raise ValueError(
            f"device {name!r} is not here, PyTorch {torch.__version__} finds {found} CUDA devices; take 'cpu'"
        )
    return device


def device_model(name: str) -> str:
    """What the device is called in a record: "cpu", or the GPU's own name."""
    device = device_named(name)
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
