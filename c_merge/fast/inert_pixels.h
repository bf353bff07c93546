/* Pixels that no merge can reach. No merge raises a weight, so a pixel whose edges all weigh less
 * than the thresholds of this stage and of all later ones is never merged, and its edges change no
 * merge of other vertices. If no later stage adds edges, such an inert pixel is left out of the
 * graph: no neighbour gets an edge to it.
 */
#ifndef INERT_PIXELS_H
#define INERT_PIXELS_H

#include "graph.h"

/* Takes the inert pixels of the last stage that has edges out of g->number, so that they are
 * treated as pixels outside the mask. No neighbourhood may have been made yet; the best edges of
 * all pixels must have been found. Returns a merge_status. */
int merge_leave_out_inert_pixels(graph *g, int32_t stage);

/* Puts all pixels that were left out back into g->number. Returns a merge_status. */
int merge_put_back_inert_pixels(graph *g);

#endif
