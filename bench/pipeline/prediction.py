"""The prediction for a view of an image: a class map and an affinity map (sections 3.2 and 3.3)."""

from dataclasses import dataclass, replace

from bench.pipeline.predictor import Predictor
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.view import View
from bench.types import Size
from merge_impls.arrays import Float32Array


@dataclass(frozen=True)
class Prediction:
    """Affinities and class probabilities of a picture of (H, W) pixels (sections 3.2 and 3.3).

    The picture is an image or a box of it, perhaps enlarged for the networks.

    affinity: (K, H, W) float32, the undirected affinity [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first.
    enlarged_from: (height, width) of the picture before it was enlarged to (H, W); None: it was not enlarged.
    """

    affinity: Float32Array
    semantic: Float32Array
    enlarged_from: Size | None = None

    @property
    def size(self) -> Size:
        """(height, width) of the maps."""
        height, width = self.semantic.shape[1:]
        return height, width

    @property
    def original_size(self) -> Size:
        """(height, width) of the picture before it was enlarged."""
        return self.enlarged_from or self.size

    def with_original_size(self, size: Size) -> "Prediction":
        """The same maps of a picture that had ``size`` (height, width) before it was enlarged."""
        return self if self.size == size else replace(self, enlarged_from=size)

    def at_original_size(self) -> "Prediction":
        """The maps resized to the picture before it was enlarged, for display only.

        Do not merge the resized maps: the offsets of the affinities count pixels of the enlarged picture.
        """
        if self.enlarged_from is None:
            return self
        return Prediction(
            resize_nearest(self.affinity, self.enlarged_from),
            resize_nearest(self.semantic, self.enlarged_from),
        )


def predict(predictor: Predictor, view: View) -> Prediction:
    """Predict the affinities and the class probabilities of a view."""
    maps = Prediction(predictor.affinity(view), predictor.semantic(view))
    return maps.with_original_size(view.box.size)
