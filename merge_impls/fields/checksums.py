"""The version of the seeded problems, and checksums of their bits."""

import hashlib

import numpy as np

from merge_impls.problem import MergeProblem

VERSION = 1
"""The version of all fields and families. It rises whenever a bit of any seeded problem changes."""

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
"""The ``problem_checksum`` of ``field(height, width, noise, seed)``, by (height, width, noise, seed)."""

FAMILY_CHECKSUMS = {
    ("street-mild", 600): "ea0e96a1e35ca9b38bbf78aaca062f2b304e86ab35d2626d5beababd5d6657da",
    ("street-mild", 50_000): "7e66b59f586fcb79f665b94f4b85988f703c60a5cc0670d6d14be14238ac4509",
    ("street-strong", 600): "2b2aab99b1e3b85827b297e4e3418dadd3735077b72561cf31eaa02cd1e228fe",
    ("street-strong", 50_000): "e6e79e58ff886274f5b6d95c57e2575a1533d0a8b94fceb6206b52a924d491ba",
    ("eight-bit", 600): "c1c3c8c19375a76e3cc28c5e5cebc894d84d40a83e65d92c9ddb0f665f02da1d",
    ("eight-bit", 50_000): "2e4b392c47229879e1b5b3ae70ef9812682d879034244ce24cba5bbeabc7f2aa",
    ("two-valued", 600): "82212bbbf9b8e8e58fa81b60407ed932b0e7f845a41d00897270abfda40ef5dc",
    ("two-valued", 50_000): "c73459f728e0458f7ac02cdaa615a08f358c4dacf63278744e3dc9938e1f971f",
    ("constant", 600): "4f1a60537da56863165e8fa6ad73e2d36c6ecc7ed7eb9ad1aefb9a7522d56a5b",
    ("constant", 50_000): "b530b4fd6c68c918a22b0949224c4bae044739bf29fc678399fba7b07d5c1741",
    ("dense-2d", 600): "09791cf87dfa09427f72270a2af37b3c44814408b9a056c34901a4b228fe1be7",
    ("dense-2d", 50_000): "0867984854e8be00d758b0acc3690f02df99e11d0371e9f8054a1f441c6d7370",
    ("dense-3d", 600): "a42245a411f79497a6fd113ab83291683b7e5d968d9f7168ae032206d1f76c72",
    ("dense-3d", 50_000): "6f5b202dc3fcdb3205280b03b2aba51e332de8e11b83f6723e9d10f09c9d836a",
    ("uniform-random", 600): "4f0b5b883de542be7856924af6215695bc48893d7adc25715ffa8fe9b674ac5e",
    ("uniform-random", 50_000): "53066ffe057e300e18c83b58cd2bccc31ab01c68f25e95325493eadafde64859",
    ("microscopy", 600): "c37f152bddad79cc6017f008119f4c08077002d964aefd194de3214b8da825ed",
    ("microscopy", 50_000): "376584ddc7fceb98e3edac1745b4cf5b3b1e4d94a2f2868a6774d962cff5ede8",
    ("meeting-segments", 600): "6ca1efd53e0e7eeffcd6f38d926d17ed38b33931455184e51096bfc185ef9bc6",
    (
        "meeting-segments",
        50_000,
    ): "31be150d0b7c9806185829fd043dd06df8476e02e892c4913652e6e391c421cd",
    ("star", 600): "d647e89af79ec00e38866cbd16d55a8e2afcd4e2a63a5428dd921e08336efafe",
    ("star", 50_000): "556d868f85dbdfcefa90ff9dd195f1ab854ea7798851980af59466539a3876ab",
    ("hubs", 600): "922c8cdf69c0c735cd22d817310d92a41c54763a72df1d2f2c5b3e57e5c733da",
    ("hubs", 50_000): "8586a1744863017eed60f75d52f430cffb20996b02f71625d3532ffd18834894",
    ("regions", 600): "3745c0788d2c7cd911b5feae7306415e7efcee35312db0e237a23f1e07615c0e",
    ("regions", 50_000): "596fb2866b2634df7d9301ae7ae7b22e7b89086da95053e13ba739e421602960",
    ("empty-mask", 600): "5a3a127cebbf79c018b3ae0fca435e4096629522adac304b02cdbf7b808794a7",
    ("empty-mask", 50_000): "4e745073d87a6de6ddf11451cdbdf5b0e38ae09be5d838f75bb1e9e330147a5c",
    ("nearly-empty-mask", 600): "0ba5638f993f3eab74bb915d92dc47a4d63cb8b8b647da8578cec3cc7ff30f3d",
    (
        "nearly-empty-mask",
        50_000,
    ): "c9e84089e02810db216a3d7dad3ee5ef0f1f87eaf87523c98d54ee3ecede9351",
}
"""The ``problem_checksum`` of ``graph_of_family(family, size)`` with seed 0, by (family, size)."""


def problem_checksum(problem: MergeProblem) -> str:
    """SHA-256, as 64 hexadecimal digits, of the affinities and then of the mask or the edges.

    Counts and totals follow the edges that have them. Numbers are little-endian on every machine.
    """
    digest = hashlib.sha256()
    # One offset at a time, because a copy of all affinities may not fit into memory.
    for channel in problem.affinities if problem.is_grid else [problem.affinities]:
        digest.update(np.ascontiguousarray(channel, "<u2").data)
    if problem.edges is None:
        digest.update(np.ascontiguousarray(problem.mask).data)
    else:
        for array in (problem.edges, problem.counts, problem.totals):
            if array is not None:
                digest.update(np.ascontiguousarray(array, "<i8").data)
    return digest.hexdigest()
