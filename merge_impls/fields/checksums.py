"""The version of the synthetic street problems, and checksums of their bits."""

import hashlib

import numpy as np

from merge_impls.problem import MergeProblem

VERSION = 1
"""The version of all fields; it rises whenever a bit of any field changes."""

CHECKSUMS = {
    (32, 64, "mild", 0): "f11585e7ea06d20af6435bcafaeeb3bb6fb39a94be75829bf35c6ba28329ecf8",
    (32, 64, "strong", 0): "2f4378b6abdfc4bd40a03dbb80c1d5af87c3e89374f2d945c6d3026c43d7835e",
    (64, 128, "mild", 0): "52fb24498c3791dd60358d7302ece6ac827e59dcf61f40fb1476de453fada220",
    (64, 128, "strong", 0): "6aeb049e5409f020473d61374a615fe41ec2bd987cc599ddd0ab7deb046d12cf",
    (128, 256, "mild", 0): "6f988397717ff7c865ff0b4b586ac24f46b919b42ced12ed87b2fe3635b6fc1b",
    (128, 256, "strong", 0): "ac9ecf211c14d817fbb94155202e214d2c8061b000d2f7d4fb616ff7e3f733c4",
    (256, 512, "mild", 0): "13bb7f3731113318f0fb7c34a10ca49ec2e7f6eed64b47b02eb568c256c1f540",
    (256, 512, "strong", 0): "d8b4ea691867ff8245ebacad47dd942234bed7f4e1c4b68cc9d76c37314cf893",
    (512, 1024, "mild", 0): "190d55a91e306b8b4430b8a8ac1394df6807f79454cb79af7b4d6e2f7f877879",
    (512, 1024, "strong", 0): "4a27edefba72c740db9e419870f3f475fdfa88406745a84b294ee18b68fc40c3",
    (1024, 2048, "mild", 0): "67ac9cb738bd395ffca6ec9211000bc0761c18efc810cf15fdc4b9bff3c11d2c",
    (1024, 2048, "strong", 0): "fa30a8725db542762e3e0c9a977eec2bb22ba88b4b9ad3213e6a9139d5dea899",
}
"""``checksum`` of the field of each (height, width, noise, seed)."""


def checksum(problem: MergeProblem) -> str:
    """SHA-256 of a field's affinities (little-endian) and mask, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    # One offset at a time: a copy of all affinities may not fit into memory beside them.
    for channel in problem.affinities:
        digest.update(np.ascontiguousarray(channel, "<u2").data)
    digest.update(np.ascontiguousarray(problem.mask).data)
    return digest.hexdigest()
